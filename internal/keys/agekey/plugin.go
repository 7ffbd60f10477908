package agekey

import (
	"context"
	"errors"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/git-envelope/git-envelope/internal/keys"
)

func consentHint(name string) string {
	return "git config --global --add envelope.agePlugin " + name
}

// consent refuses to start a program on a repository's word.
func consent(r keys.Recipient, name string) *keys.Error {
	return &keys.Error{Kind: keys.Consent, Recipient: r.Display(),
		Message: "it needs the program age-plugin-" + name + ", which you have not allowed",
		Hint:    consentHint(name)}
}

func (p *Provider) pluginRecipient(r keys.Recipient, name string) (age.Recipient, error) {
	if !p.allowed(name) {
		return nil, consent(r, name)
	}
	to, err := plugin.NewRecipient(r.URI, p.ui())
	if err != nil {
		return nil, fault(r, keys.Unsupported, keys.OneLine(err.Error(), maxForeign))
	}
	return to, nil
}

func (p *Provider) askPlugin(ctx context.Context, id identity, sealed []byte) ([]byte, error) {
	secret, err := plugin.NewIdentity(id.encoding, p.ui())
	if err != nil {
		return nil, err
	}
	return run(ctx, true, func() ([]byte, error) { return decrypt(secret, sealed) })
}

// ui lets a plug-in speak, but not ask, unless the caller gave it a terminal.
func (p *Provider) ui() *plugin.ClientUI {
	if p.opt.UI != nil {
		return p.opt.UI
	}
	return &plugin.ClientUI{
		DisplayMessage: func(name, message string) error {
			p.warn("age plug-in " + name + ": " + keys.OneLine(message, maxForeign))
			return nil
		},
		WaitTimer: func(name string) { p.warn("waiting for age plug-in " + name) },
	}
}

func (p *Provider) warn(message string) {
	if p.opt.Warn != nil {
		p.opt.Warn(message)
	}
}

func pluginError(r keys.Recipient, name string, err error) *keys.Error {
	var missing *plugin.NotFoundError
	if errors.As(err, &missing) {
		return &keys.Error{Kind: keys.Unsupported, Recipient: r.Display(),
			Message: "the program age-plugin-" + name + " is not installed",
			Hint:    "install age-plugin-" + name + " and put it on PATH"}
	}
	return fault(r, keys.Other, keys.OneLine(err.Error(), maxForeign))
}
