package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/policy"
)

// knownPolicies are those that a judgement has read: rules, allowances and both
// verdicts on protection ask for the same few, and of a history most commits have
// the one of the commit before. Nobody may change them.
type knownPolicies struct {
	mu     sync.Mutex
	byRev  map[string]*policy.Policy // nil: the state has none
	byBlob map[string]*policy.Policy
	text   int // bytes of those in byBlob
}

// maxKnownText bounds what is kept: a parsed policy takes many times its text, and
// a stranger's history may have a large one for each commit.
const maxKnownText = policy.MaxSize

// policyOf is the policy of a state, nil if it has none. A judgement reads and
// parses it once. What failed is tried again.
func (j *judgement) policyOf(ctx context.Context, rev string) (*policy.Policy, error) {
	k := &j.known
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.byRev[rev]; ok {
		return p, nil
	}
	if k.byRev == nil || k.text > maxKnownText {
		k.text = 0
		k.byRev, k.byBlob = map[string]*policy.Policy{}, map[string]*policy.Policy{}
	}
	o, err := j.blobs.Open(ctx, rev+":"+policyPath)
	if errors.Is(err, gitrepo.ErrMissing) {
		k.byRev[rev] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer o.Close()
	p, ok := k.byBlob[o.OID]
	if !ok {
		if p, err = parsePolicy(o, sideName(rev)+policyPath); err != nil {
			return nil, err
		}
		k.text += int(o.Size)
	}
	k.byRev[rev], k.byBlob[o.OID] = p, p
	return p, nil
}

func parsePolicy(o gitrepo.Object, name string) (*policy.Policy, error) {
	if o.Type != "blob" {
		return nil, fmt.Errorf("%s is a %s, not a file", name, o.Type)
	}
	text, err := readSmall(o, name)
	if err != nil {
		return nil, err
	}
	return policy.Parse(text, name)
}
