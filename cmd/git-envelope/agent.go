package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/agent"
)

type agentOptions struct {
	stop, json bool
	serve      string
}

func (a *app) newAgent() *cobra.Command {
	var o agentOptions
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Show or stop the agent that holds opened keys",
		Long: `Tells which keys the agent holds, and for how long. The agent is a process of
yours that keeps opened data keys in locked memory, so that not every command
has to ask a key service. 'git envelope unlock --ttl 8h' starts it; with

    git config --global envelope.agent auto

every command that opens a key in an interactive session does. It never starts
in CI unless GIT_ENVELOPE_AGENT=auto asks for it. 'lock' takes the keys of a
repository out of it, --stop wipes them all and ends it.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.serve != "":
				return agentServe(cmd.Context(), o.serve)
			case o.stop:
				return a.agentStop(cmd.Context())
			}
			return a.agentStatus(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.stop, "stop", false, "wipe every key and end the agent")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON for machines")
	cmd.Flags().StringVar(&o.serve, "serve", "", "be the agent of this folder (used by git-envelope itself)")
	_ = cmd.Flags().MarkHidden("serve")
	cmd.MarkFlagsMutuallyExclusive("stop", "json")
	return cmd
}

// agentServe is the agent. That another one was quicker is as good.
func agentServe(ctx context.Context, dir string) error {
	err := agent.Serve(ctx, agent.Options{Dir: dir, Version: currentVersion(), Ready: agent.Detach})
	if errors.Is(err, agent.ErrRunning) {
		return nil
	}
	return err
}

func (a *app) agentStop(ctx context.Context) error {
	err := a.userAgent().client.Stop(ctx)
	if errors.Is(err, agent.ErrNotRunning) {
		a.printf("no key agent is running\n")
		return nil
	}
	if err != nil {
		return withHint(fmt.Errorf("stop the key agent: %w", err), "if it hangs, end it: pkill -KILL -f 'agent --serve'")
	}
	a.printf("the key agent wiped its keys and ended\n")
	return nil
}

// agentReport is the answer of 'agent --json'. Fields are only ever added.
type agentReport struct {
	Version int        `json:"version"`
	Running bool       `json:"running"`
	PID     int        `json:"pid,omitempty"`
	Program string     `json:"program_version,omitempty"`
	Started *time.Time `json:"started,omitempty"`
	Keys    []agentKey `json:"keys"`
}

type agentKey struct {
	Repository string     `json:"repository"`
	Ring       string     `json:"ring"`
	KeyID      string     `json:"key_id"`
	Since      time.Time  `json:"since"`
	Expires    time.Time  `json:"expires"`
	Idle       *time.Time `json:"idle,omitempty"`
	Uses       uint64     `json:"uses"`
}

func (a *app) agentStatus(ctx context.Context, o agentOptions) error {
	status, err := a.userAgent().client.Status(ctx)
	running := !errors.Is(err, agent.ErrNotRunning)
	if err != nil && running {
		return fmt.Errorf("ask the key agent: %w", err)
	}
	if o.json {
		return a.printJSON(reportOf(status, running))
	}
	if !running {
		a.printf("no key agent is running\n")
		return nil
	}
	a.printf("key agent %d (%s), running since %s, holds %s\n", status.PID, status.Version, status.Started.Format(time.DateTime), plural(len(status.Entries), "key"))
	t := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	for _, e := range status.Entries {
		fmt.Fprintf(t, "%s\tring %s\t%s\tfor another %s\tgiven out %s\n", e.Context.Repository, e.Context.Ring, e.Context.ID.Short(),
			brief(ends(e.Lifetime).Sub(a.now())), plural(int(e.Uses), "time"))
	}
	return t.Flush()
}

func reportOf(s agent.Status, running bool) agentReport {
	r := agentReport{Version: 1, Running: running, PID: s.PID, Program: s.Version, Keys: []agentKey{}}
	if running {
		r.Started = &s.Started
	}
	for _, e := range s.Entries {
		k := agentKey{e.Context.Repository, e.Context.Ring, e.Context.ID.String(), e.Since, e.Expires, nil, e.Uses}
		if !e.Idle.IsZero() {
			k.Idle = &e.Idle
		}
		r.Keys = append(r.Keys, k)
	}
	return r
}
