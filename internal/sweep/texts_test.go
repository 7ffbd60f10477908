package sweep

import "testing"

func TestTextKind(t *testing.T) {
	commit := "tree 1\nparent 2\nauthor A <a>\ncommitter B <b>\ngpgsig one\n two\n three\n\ntitle\n\nauthor of it\n"
	tag := "object 1\ntype commit\ntag v1\ntagger T <t>\n\nauthor of it\n"
	tests := []struct {
		object, data string
		line         int
		want         string
	}{
		{"commit", commit, 1, "commit-header"},
		{"commit", commit, 3, "commit-author"},
		{"commit", commit, 4, "commit-committer"},
		{"commit", commit, 7, "commit-header"},
		{"commit", commit, 8, "commit-message"},
		{"commit", commit, 11, "commit-message"},
		{"commit", "", 1, "commit-message"},
		{"commit", " odd\n x", 2, "commit-header"},
		{"tag", tag, 3, "tag-header"},
		{"tag", tag, 4, "tag-tagger"},
		{"tag", tag, 6, "tag-message"},
	}
	for _, tt := range tests {
		if got := (text{headers: headerLines([]byte(tt.data))}).kind(tt.object, tt.line); got != tt.want {
			t.Errorf("line %d of a %s is a %s, want %s", tt.line, tt.object, got, tt.want)
		}
	}
}

func TestIsURL(t *testing.T) {
	tests := []struct {
		text string
		line int
		want bool
	}{
		{"[submodule \"s\"]\n\tpath = s\n\turl = https://x\n", 3, true},
		{"[submodule \"s\"]\n\tpath = s\n\turl = https://x\n", 2, false},
		{"[submodule \"s\"] URL=https://x", 1, true},
		{"[s]\nurl = \\\r\n https://x\\\n/y\n", 4, true},
		{"# url = https://x", 1, false},
		{"url", 1, false},
		{"", 3, false},
	}
	for _, tt := range tests {
		if got := isURL([]byte(tt.text), tt.line); got != tt.want {
			t.Errorf("line %d of %q is a URL: %v, want %v", tt.line, tt.text, got, tt.want)
		}
	}
}
