//go:build race

package filter

// raceEnabled says that the race detector makes everything ten times slower.
const raceEnabled = true
