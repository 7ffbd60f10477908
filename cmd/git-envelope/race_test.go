//go:build race

package main

// raceEnabled says that the race detector makes everything slower and larger.
const raceEnabled = true
