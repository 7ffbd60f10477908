package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

const schemaFile = "../docs/policy.schema.json"

func loadSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("policy.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is what an editor hands to the schema.
func asJSON(text string) (any, error) {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
}

// TestSchemaAgreesOnTable: the schema accepts what Parse accepts, and refuses
// each fault that a schema can see.
func TestSchemaAgreesOnTable(t *testing.T) {
	s := loadSchema(t)
	for name, text := range accepted {
		v, err := asJSON(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: the schema refuses it: %v", name, err)
		}
	}
	for _, f := range faults {
		v, err := asJSON(f.text)
		if f.blind {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		} else if s.Validate(v) == nil {
			t.Errorf("%s: the schema accepts it, Parse says %s", f.name, f.want)
		}
	}
}

// blindSpots are what Parse refuses and no schema can say: things given twice,
// names that must exist elsewhere, and whether a glob makes sense. They are
// listed in docs/policy.md too.
var blindSpots = []string{"duplicate", "each belongs to one ring", "already sealed", "contradicts", "unknown ring", "impossible pattern", "duration above zero", "nested more than"}

// TestSchemaAgreesOnMutations changes one value of the full policy at a time,
// anywhere in the tree.
func TestSchemaAgreesOnMutations(t *testing.T) {
	s := loadSchema(t)
	r := rand.New(rand.NewPCG(5, 6))
	refused, allowed := 0, 0
	for i := range 3000 {
		var tree any
		if err := yaml.Unmarshal([]byte(accepted["full"]), &tree); err != nil {
			t.Fatal(err)
		}
		tree = mutate(r, tree)
		text, err := json.Marshal(tree) // JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		_, parseErr := Parse(text, "policy.yaml")
		schemaErr := s.Validate(v)
		if parseErr == nil {
			allowed++
		} else {
			refused++
		}
		if (parseErr == nil) != (schemaErr == nil) && !blind(parseErr) {
			t.Errorf("mutation %d: Parse says %v, the schema says %v\n%s", i, parseErr, schemaErr, text)
		}
	}
	if refused < 500 || allowed < 50 {
		t.Errorf("%d refused, %d allowed: the mutations miss the point", refused, allowed)
	}
}

func blind(err error) bool {
	for _, s := range blindSpots {
		if err != nil && strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

var oddValues = []any{nil, true, 1, 2, 1.5, "", "x", "prod", "90d", "12h", "-1h", "1h1m", "0d", "age", "age1x", "AGE1X", "a/**", "!a", "!/", "a//", "/a", "//a", "env/", "a\nb", " ", "é",
	[]any{}, []any{"a"}, []any{"age"}, []any{"age", "age"}, []any{1}, []any{nil}, []any{map[string]any{"age": "age1x"}}, []any{"!a"}, []any{"!a", "b"},
	map[string]any{}, map[string]any{"age": "age1x"}, map[string]any{"age": "age1x", "role": "x"}, map[string]any{"paths": []any{"q"}, "ring": "prod"}, map[string]any{"recipients": []any{map[string]any{"age": "age1x"}}}}

var oddKeys = []string{"age", "aws-kms", "azure-key", "role", "region", "paths", "ring", "rings", "x", "Prod", "version", "scan", "forbid", "require", "rotate_every", "default_ring", "formerly"}

// mutate replaces, removes or adds one value somewhere in a tree.
func mutate(r *rand.Rand, v any) any {
	if r.IntN(6) == 0 {
		return oddValues[r.IntN(len(oddValues))]
	}
	switch v := v.(type) {
	case map[string]any:
		keys := []string{}
		for k := range v {
			keys = append(keys, k)
		}
		key := oddKeys[r.IntN(len(oddKeys))]
		if len(keys) > 0 && r.IntN(8) > 0 {
			key = keys[r.IntN(len(keys))]
			if r.IntN(8) == 0 {
				delete(v, key)
				return v
			}
		}
		v[key] = mutate(r, v[key])
		return v
	case []any:
		if len(v) == 0 || r.IntN(6) == 0 {
			return append(v, oddValues[r.IntN(len(oddValues))])
		}
		i := r.IntN(len(v))
		v[i] = mutate(r, v[i])
		return v
	}
	return oddValues[r.IntN(len(oddValues))]
}

// TestSchemaDescribesFields: an editor can show help for each field.
func TestSchemaDescribesFields(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	fields := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		for name, f := range m {
			if path == "properties" {
				fields++
				if d, _ := f.(map[string]any)["description"].(string); d == "" {
					t.Errorf("%s has no description", name)
				}
			}
			walk(name, f)
		}
	}
	walk("", doc)
	if fields < 15 {
		t.Error(fmt.Sprint("only ", fields, " fields found"))
	}
}
