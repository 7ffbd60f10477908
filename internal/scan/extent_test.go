package scan

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
)

// What a rule looked at and the lines around a secret are told as they are stored,
// of what was decoded only the former.
func TestMatchExtent(t *testing.T) {
	rules := []Rule{
		{ID: "pattern", Title: "p", Severity: High, Keywords: []string{"widget_id"}, Pattern: `widget_id = '([0-9a-f]{8})';`},
		{ID: "sequence", Title: "s", Severity: High, Keywords: []string{"abc_"}, Pattern: `abc_[0-9a-f]{8}`},
		{ID: "value", Title: "v", Severity: High, Keywords: []string{"gadget"}, Value: `[0-9a-f]{10}`},
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("the widget_id = '0a9f3c71'; of old, in base64"))
	long := strings.Repeat("-", 3*commentReach)
	tests := []struct{ name, text, extent, lines string }{
		{"pattern", "x\nlet widget_id = '0a9f3c71'; // test\ny", "widget_id = '0a9f3c71';", "let widget_id = '0a9f3c71'; // test"},
		{"sequence", "use abc_0a9f3c71 here", "abc_0a9f3c71", "use abc_0a9f3c71 here"},
		{"value", "my gadget: 0a9f3c71e2\n", "gadget: 0a9f3c71e2", "my gadget: 0a9f3c71e2"},
		{"decoded", "data: " + encoded + " # test\n", "widget_id = '0a9f3c71';", "data: " + encoded + " # test"},
		{"long line", long + " abc_0a9f3c71 " + long, "abc_0a9f3c71", long[:commentReach-1] + " abc_0a9f3c71 " + long[:commentReach-1]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			_, err := engine(t, Options{Rules: rules}).Scanner().Scan(context.Background(), strings.NewReader(tt.text), func(m *Match) {
				n++
				if string(m.Extent) != tt.extent || string(m.Lines) != tt.lines {
					t.Errorf("extent %q\nwant %q\nlines %q\nwant %q", m.Extent, tt.extent, m.Lines, tt.lines)
				}
			})
			if err != nil || n != 1 {
				t.Errorf("%d found, %v", n, err)
			}
		})
	}
}
