package main

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"github.com/git-envelope/git-envelope/policy"
)

// policies reads the policy where Git reads .gitattributes: on check-in the
// work tree, then the index; on check-out the treeish, then the index, then the
// work tree. Each is read once per process.
type policies struct {
	*clone
	once   sync.Once
	in     *policy.Policy
	inErr  error
	mu     sync.Mutex
	byTree map[string]*policy.Policy
}

// CheckIn is the policy for content that goes into the repository; nil if there
// is none.
func (p *policies) CheckIn(ctx context.Context) (*policy.Policy, error) {
	p.once.Do(func() {
		if p.in, p.inErr = p.fromTree(); p.in == nil && p.inErr == nil {
			p.in, p.inErr = p.fromObject(ctx, ":"+policyPath)
		}
	})
	return p.in, p.inErr
}

// CheckOut is the policy for content that leaves the repository.
func (p *policies) CheckOut(ctx context.Context, treeish string) (*policy.Policy, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.byTree[treeish]; ok {
		return found, nil
	}
	found, err := p.checkOut(ctx, treeish)
	if err == nil {
		p.byTree[treeish] = found
	}
	return found, err
}

func (p *policies) checkOut(ctx context.Context, treeish string) (*policy.Policy, error) {
	specs := []string{":" + policyPath}
	if treeish != "" {
		specs = []string{treeish + ":" + policyPath, ":" + policyPath}
	}
	for _, spec := range specs {
		if found, err := p.fromObject(ctx, spec); found != nil || err != nil {
			return found, err
		}
	}
	return p.fromTree()
}

func (p *policies) fromTree() (*policy.Policy, error) {
	if p.tree == nil {
		return nil, nil
	}
	b, err := p.readTree(policyPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return policy.Parse(b, policyPath)
}

func (p *policies) fromObject(ctx context.Context, spec string) (*policy.Policy, error) {
	b, err := p.readObject(ctx, spec)
	if b == nil || err != nil {
		return nil, err
	}
	return policy.Parse(b, spec)
}
