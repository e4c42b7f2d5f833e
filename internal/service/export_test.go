package service

import "time"

// Hurry makes a Server try again soon.
func (s *Server) Hurry() {
	s.times.look, s.times.check = time.Millisecond, 5*time.Millisecond
	s.times.first, s.times.longest = 5*time.Millisecond, 50*time.Millisecond
}

// Again sets after which time a login that lacks rights is tried again.
func (s *Server) Again(d time.Duration) { s.times.again = d }

// Mute sets for how long inboxes get no answers where one was denied.
func (s *Server) Mute(d time.Duration) { s.times.mute = d }

// Overlap sets for how long two sessions hear questions when one replaces the other.
func (s *Server) Overlap(d time.Duration) { s.times.overlap = d }

// Semver is semver.
var Semver = semver

// Room sets how large all answers together may be.
func Room(bytes int) AskOption { return func(a *asking) { a.room = bytes } }
