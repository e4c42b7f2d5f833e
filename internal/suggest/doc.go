// Package suggest finds what somebody meant who wrote a name that does not exist: one that differs by a slip of the fingers, or
// one that says the same in other words, as username for user. It finds nothing rather than something absurd.
package suggest

// Nearest returns the candidate that word was meant to be, or "". Candidates of equal standing win by their order.
func Nearest(word string, candidates []string) string {
	if n := byLetters(word, candidates); n != "" {
		return n
	}
	return Meaning(word, candidates)
}
