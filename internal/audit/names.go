package audit

import "strings"

// Short is a recipient's name for tables: what people tell it by.
func Short(kind, uri string) string {
	const whole, head, tail = 40, 16, 8
	switch {
	case strings.HasPrefix(uri, "arn:"):
		if f := strings.SplitN(uri, ":", 6); len(f) == 6 {
			name := strings.TrimPrefix(f[5], "key/")
			return ellipsis(name, whole, head, tail) + " (" + f[3] + ", " + f[4] + ")"
		}
	case strings.HasPrefix(uri, "https://"):
		host, path, _ := strings.Cut(strings.TrimPrefix(uri, "https://"), "/")
		vault, _, _ := strings.Cut(host, ".")
		name, version, _ := strings.Cut(strings.TrimPrefix(path, "keys/"), "/")
		if version != "" {
			name += "/" + ellipsis(version, 8, 8, 0)
		}
		return ellipsis(vault+" / "+name, 2*whole, whole, whole-1)
	}
	return ellipsis(uri, whole, head, tail)
}

func ellipsis(s string, whole, head, tail int) string {
	r := []rune(s)
	if len(r) <= whole {
		return s
	}
	return string(r[:head]) + "…" + string(r[len(r)-tail:])
}
