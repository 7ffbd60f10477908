package rules

import (
	"math/rand/v2"
)

func init() {
	for id, prefix := range map[string]string{"openai-api-key": "sk-proj-", "openai-admin-key": "sk-admin-"} {
		makers[id] = func(r *rand.Rand) string {
			return prefix + chars(r, alnum, 58) + "T3BlbkFJ" + chars(r, alnum+"_-", 57) + "A"
		}
	}
}
