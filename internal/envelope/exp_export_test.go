package envelope
func SetNarrowing(n int) { narrowing = n }
