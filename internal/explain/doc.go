// Package explain writes what relays remember as text for people: what became of a request, which
// requests there were, which messages were rejected. Texts fit 80 columns, except names that are
// longer. Whatever comes from messages is clipped and printable.
package explain
