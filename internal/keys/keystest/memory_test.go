package keystest_test

import (
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

func TestMemory(t *testing.T) {
	keystest.Run(t, func(t *testing.T) keystest.Fixture {
		m := keystest.NewMemory("memory")
		m.SetMode("mine", keystest.Normal)
		locked := keystest.NewMemory("memory")
		locked.SetMode("mine", keystest.Deny)
		return keystest.Fixture{
			Provider: m, Mine: m.Recipient("mine"), Locked: locked,
			Malformed: []keys.Recipient{{Kind: "memory", URI: "mem:"}, {Kind: "other", URI: "mem:mine"}},
			EveryBit:  true,
		}
	})
}

// TestMemoryKMS also has the suite try a Generator.
func TestMemoryKMS(t *testing.T) {
	keystest.Run(t, func(t *testing.T) keystest.Fixture {
		m := keystest.NewMemoryKMS("memory")
		return keystest.Fixture{Provider: m, Mine: m.Recipient("mine")}
	})
}

// TestMemoryService also has the suite try a Dater and a Rewrapper, whose key has
// moved.
func TestMemoryService(t *testing.T) {
	keystest.Run(t, func(t *testing.T) keystest.Fixture {
		m := keystest.NewMemoryService("memory")
		m.Move("mine")
		locked := keystest.NewMemoryService("memory")
		locked.SetMode("mine", keystest.Deny)
		return keystest.Fixture{Provider: m, Mine: m.Recipient("mine"), Locked: locked}
	})
}
