package audit

import (
	"fmt"
	"slices"
	"strings"
)

// findings lists what is to be done, the gravest first.
func (b *builder) findings() []Finding {
	var all []Finding
	all = append(all, b.removedFindings()...)
	for i := range b.Report.Rings {
		all = append(all, b.ringFindings(&b.Report.Rings[i])...)
	}
	all = append(all, b.fileFindings()...)
	rank := []string{High, Medium, Advice}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return slices.Index(rank, a.Severity) - slices.Index(rank, b.Severity)
	})
	return all
}

// removedFindings are about those who were removed, ring by ring.
func (b *builder) removedFindings() (out []Finding) {
	var rings []string
	for _, r := range b.Report.Removed {
		if !slices.Contains(rings, r.Ring) {
			rings = append(rings, r.Ring)
		}
	}
	for _, ring := range rings {
		out = append(out, b.removedFrom(ring)...)
	}
	return out
}

func (b *builder) removedFrom(ring string) (out []Finding) {
	var still, current []string
	open, replace := map[string]bool{}, map[string]bool{}
	for _, r := range b.Report.Removed {
		if r.Ring != ring || r.Listed {
			continue
		}
		if len(r.StillOpens) > 0 {
			still = append(still, r.Name)
		}
		if r.Current {
			current = append(current, r.Name)
		}
		for _, f := range r.Files {
			if f.State == ExposedNow {
				open[f.Path] = true
			}
			if f.State != ExposedChanged {
				replace[f.Path] = true
			}
		}
	}
	listed := slices.ContainsFunc(b.Facts.Rings, func(r Ring) bool { return r.Name == ring })
	if len(still) > 0 && listed {
		out = append(out, Finding{"removed-still-wrapped", High, ring,
			fmt.Sprintf("%s left the policy, but the key files still let them in: %s", count(len(still), "recipient", "recipients"), list(still)),
			[]string{"git envelope rewrap --ring " + ring, "git commit"}})
	}
	if len(current) > 0 && listed {
		out = append(out, Finding{"removed-knows-current", High, ring,
			fmt.Sprintf("whatever is sealed from now on can be read by who was removed, since they may have kept the current key: %s", list(current)),
			[]string{"git envelope rotate --ring " + ring, "git envelope reseal --ring " + ring, "git commit"}})
	}
	if n := len(open); n > 0 && len(current) == 0 {
		out = append(out, Finding{"removed-can-read", High, ring,
			fmt.Sprintf("%s still sealed under keys that removed recipients may have kept", count(n, "file is", "files are")),
			[]string{"git envelope reseal --ring " + ring, "git commit"}})
	}
	if n := len(replace); n > 0 {
		out = append(out, Finding{"replace-secrets", Medium, ring,
			fmt.Sprintf("the secrets in %s were readable by removed recipients and don't seem to have changed since: replace them at their source, in the service that issued them", count(n, "file", "files")),
			[]string{}})
	}
	return out
}

func (b *builder) ringFindings(r *RingReport) (out []Finding) {
	add := func(rule, severity, message string, commands ...string) {
		out = append(out, Finding{rule, severity, r.Name, message, append([]string{}, commands...)})
	}
	if !r.Listed {
		if r.Files.Total > 0 || slices.ContainsFunc(r.Generations, func(g GenerationReport) bool { return g.Files > 0 }) {
			add("ring-gone", Medium, "the policy has no such ring any more, but files are sealed for it")
		}
		return out
	}
	if !slices.ContainsFunc(r.Generations, func(g GenerationReport) bool { return !g.Gone }) {
		add("no-key", High, "the ring has no data key: bring its key files back, or make a first one", "git envelope init --ring "+r.Name)
		return out
	}
	b.accessFindings(r, add)
	if len(r.Missing) > 0 {
		flags := ""
		for _, kind := range r.Missing {
			flags += " --" + kind + " " + map[string]string{"aws-kms": "ARN", "azure-key": "URL"}[kind]
			if kind == "age" {
				flags += "RECIPIENT"
			}
		}
		add("required-kind", Medium, "the policy requires a recipient of a kind it doesn't have: "+strings.Join(r.Missing, ", "), "git envelope recipient add --ring "+r.Name+flags, "git commit")
	}
	if r.Overdue {
		add("overdue", Medium, fmt.Sprintf("the key is %s old and was to be rotated every %s, so since %s", count(r.Generations[0].AgeDays, "day", "days"),
			count(int(r.RotateEvery), "day", "days"), r.Due.Format("2006-01-02")), "git envelope rotate --ring "+r.Name, "git commit")
	}
	if g := r.Generations[0]; r.RotateEvery > 0 && g.Created != nil && b.toCome(*g.Created) {
		add("age-unknown", Medium, fmt.Sprintf("the current key claims to be of %s, which is to come, so whether it is to be rotated can't be told: see who made it",
			g.Created.Format("2006-01-02")), "git log -- .envelope/keys/"+r.Name+"/"+g.KeyID)
	}
	if r.Files.Older > 0 {
		add("older-key", Advice, fmt.Sprintf("%s sealed under an older key", count(r.Files.Older, "file is", "files are")), "git envelope reseal --ring "+r.Name, "git commit")
	}
	if len(r.Recipients) == 1 {
		add("one-recipient", Advice, "one recipient alone can open it: if that key is lost, so is everything sealed for it", "git envelope recipient add --ring "+r.Name+" --age RECIPIENT", "git commit")
	}
	return out
}

// accessFindings are about recipients whose keys and policy don't agree.
func (b *builder) accessFindings(r *RingReport, add func(rule, severity, message string, commands ...string)) {
	var lacking, unlisted []string
	for _, rec := range b.Report.Recipients {
		for _, a := range rec.Rings {
			switch {
			case a.Ring != r.Name:
			case a.Standing == Partial || a.Standing == Shut:
				lacking = append(lacking, fmt.Sprintf("%s opens %d of %d", rec.Name, len(a.Opens), a.Of))
			case a.Standing == Unlisted:
				unlisted = append(unlisted, rec.Name)
			}
		}
	}
	if len(unlisted) > 0 {
		add("unlisted", High, "keys are wrapped for recipients that the policy doesn't name: "+list(unlisted), "git log -- .envelope/keys/"+r.Name, "git envelope rewrap --ring "+r.Name)
	}
	if len(lacking) > 0 {
		add("missing-keys", Medium, "the policy names recipients that can't open all of the ring's keys: "+list(lacking), "git envelope rewrap --ring "+r.Name, "git commit")
	}
}

func (b *builder) fileFindings() (out []Finding) {
	states := []struct{ state, rule, severity, one, many, command string }{
		{Plain, "plaintext", High, "file that is to be sealed is plaintext", "files that are to be sealed are plaintext", "git add --renormalize -- PATH"},
		{Damaged, "damaged", High, "sealed file is damaged: restore it from a commit you trust", "sealed files are damaged: restore them from a commit you trust", ""},
		{StateUnknown, "unknown-key", High, "file is sealed under a key that the repository doesn't have", "files are sealed under keys that the repository doesn't have", "git log --all -- .envelope/keys"},
		{StateOther, "wrong-ring", Medium, "file is sealed for another ring than the policy says", "files are sealed for another ring than the policy says", "git add --renormalize -- PATH"},
	}
	for _, s := range states {
		var paths []string
		for _, f := range b.Report.Files {
			if f.State == s.state {
				paths = append(paths, f.Path)
			}
		}
		if len(paths) == 0 {
			continue
		}
		commands := []string{}
		if s.command != "" {
			commands = append(commands, s.command)
		}
		out = append(out, Finding{s.rule, s.severity, "", count(len(paths), s.one, s.many) + ": " + list(paths), commands})
	}
	return out
}

// list names a few and counts the others.
func list(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Failed tells whether there is a finding that is more than advice.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity != Advice })
}
