package rules

import "testing"

func TestCredible(t *testing.T) {
	for v, want := range map[string]bool{
		"Tr0ub4dor-and-3": true, "s3cr3t!pw": true, "kX9#mQ2$vL": true, "$2k-nice-Pass": true, "zt:9Q x!7 4a": true,
		"": false, "abc": false, "password": false, "changeme": false, "${DB_PASSWORD}": false, "$DB_PASSWORD": false, "{{ .Values.pw }}": false,
		"%(password)s": false, "<your password>": false, "xxxxxxxx": false, "ababababab": false, "your_password": false, "%PASSWORD%": false,
		"the token that was updated": false, "__KeyStorePassword__": false, "<p>The secret.</p>": false, "ENC[AES256_GCM,data:x]": false,
	} {
		if got := credible([]byte(v)); got != want {
			t.Errorf("credible(%q) = %v", v, got)
		}
	}
}

func TestAssigned(t *testing.T) {
	for text, want := range map[string]string{
		"name=v1": "v1", "name = \"v 1\"": "v 1", "name: v1 # c": "v1", "\"name\": \"v1\",": "v1", "name => 'v1'": "v1", "define('name', 'v1');": "v1",
		"<x name=\"v1\"/>": "v1", "<name>v1</name>": "v1", "key=\"name\" value=\"v1\"": "v1", "- name: name\n  value: v1\n": "v1", "name: str = \"v1\"": "v1",
		"c['name'] = \"v1\"": "v1", "{\\\"name\\\": \\\"v1\\\"}": "v1", "name := `v1`": "v1", "name = r'v1'": "v1", "name == \"v1\"": "v1",
		"name": "", "name v1": "", "name=": "", "name = \"": "", "name,x": "",
	} {
		at := 0
		for i := range len(text) - 3 {
			if text[i:i+4] == "name" && (text[max(0, i-2):i] != "- ") {
				at = i
				break
			}
		}
		v, ok := assigned([]byte(text), at+4)
		if ok != (want != "") || ok && string(v.of([]byte(text))) != want {
			t.Errorf("%q: %v %q, want %q", text, ok, v.of([]byte(text)), want)
		}
	}
}
