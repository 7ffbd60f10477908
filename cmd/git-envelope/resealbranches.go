package main

import (
	"context"
	"errors"

	"github.com/git-envelope/git-envelope/policy"
)

func (c *clone) resealBranches(ctx context.Context, p *policy.Policy, o resealOptions) error {
	return errors.New("x")
}
