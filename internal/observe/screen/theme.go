package screen

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// style is how a look is drawn: in the terminal's own colours, which suit its background. Without
// colour (NO_COLOR) bubbletea leaves them out, and what else is here remains.
func (l Look) style() lipgloss.Style {
	s := lipgloss.NewStyle()
	switch l {
	case Dim:
		return s.Faint(true)
	case Bold:
		return s.Bold(true)
	case Good:
		return s.Foreground(lipgloss.Green)
	case Warn:
		return s.Foreground(lipgloss.Yellow)
	case Bad:
		return s.Foreground(lipgloss.Red).Bold(true)
	case Flow:
		return s.Foreground(lipgloss.Cyan)
	}
	return s
}

// Draw returns lines with the escape sequences of their looks.
func Draw(lines []Line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range l {
			if s.look == Plain {
				b.WriteString(s.text)
				continue
			}
			b.WriteString(s.look.style().Render(s.text))
		}
	}
	return b.String()
}
