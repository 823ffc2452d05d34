package ansi

import (
	"fmt"
	"strconv"
	"strings"
)

// Style is the look of text. Colours are 1 to 16 for the sixteen colours of a
// terminal, in their usual order, and 0 for the page's own.
type Style struct {
	Fore, Back uint8
	Marks      Mark
}

// Mark is a set of text attributes.
type Mark uint8

// The attributes.
const (
	Bold Mark = 1 << iota
	Faint
	Italic
	Underline
	Strike
	Reverse
	allMarks = Bold | Faint | Italic | Underline | Strike | Reverse
)

// marks lists the codes that set an attribute, with its class.
var marks = [...]struct {
	code  int
	mark  Mark
	class string
}{
	{1, Bold, "term-fg1"},
	{2, Faint, "term-fg2"},
	{3, Italic, "term-fg3"},
	{4, Underline, "term-fg4"},
	{7, Reverse, "term-fg7"},
	{9, Strike, "term-fg9"},
}

// apply returns the style after a colour sequence with the given parameters.
func (s Style) apply(params string) Style {
	codes := numbers(params)
	for i := 0; i < len(codes); i++ {
		switch code := codes[i]; code {
		case 38, 48:
			colour, used := extended(codes[i+1:])
			i += used
			if code == 38 {
				s.Fore = colour
			} else {
				s.Back = colour
			}
		default:
			s = s.applyCode(code)
		}
	}
	return s
}

// applyCode applies one code that stands alone: it sets a colour or a mark, or takes one back.
func (s Style) applyCode(code int) Style {
	switch {
	case code == 0:
		return Style{}
	case code == 39, code >= 30 && code <= 37, code >= 90 && code <= 97:
		s.Fore = colourOf(code - 30)
	case code == 49, code >= 40 && code <= 47, code >= 100 && code <= 107:
		s.Back = colourOf(code - 40)
	case code == 22: // neither bold nor faint
		s.Marks &^= Bold | Faint
	default:
		for _, m := range marks {
			switch code {
			case m.code:
				s.Marks |= m.mark
			case m.code + 20:
				s.Marks &^= m.mark
			}
		}
	}
	return s
}

// colourOf returns the colour of a code counted from the first of its row: 0 to 7, 9 for
// the page's own, 60 to 67 for the bright ones.
func colourOf(n int) uint8 {
	switch {
	case n == 9:
		return 0
	case n >= 60:
		return uint8(n - 60 + 9)
	default:
		return uint8(n + 1)
	}
}

// extended reads a colour of 256 ("5;n") or of 16 million ("2;r;g;b") as the
// nearest of the sixteen, and says how many codes it took.
func extended(codes []int) (colour uint8, used int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5:
		n := codes[1]
		switch {
		case n < 0:
			return 0, 2
		case n < 16:
			return uint8(n + 1), 2
		case n < 232:
			n -= 16
			return nearest(cube(n/36), cube(n/6%6), cube(n%6)), 2
		default:
			grey := 8 + (n-232)*10
			return nearest(grey, grey, grey), 2
		}
	case len(codes) >= 4 && codes[0] == 2:
		return nearest(codes[1], codes[2], codes[3]), 4
	default:
		return 0, len(codes)
	}
}

// cube returns the strength of a step of the 6 × 6 × 6 colour cube.
func cube(step int) int {
	if step == 0 {
		return 0
	}
	return 55 + 40*step
}

// palette is the sixteen colours as xterm draws them.
var palette = [16][3]int{
	{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
	{127, 127, 127}, {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
}

// nearest returns the palette's colour (from 1) that is closest.
func nearest(r, g, b int) uint8 {
	best, least := 0, 1<<30
	for i, p := range palette {
		dr, dg, db := r-p[0], g-p[1], b-p[2]
		if distance := dr*dr + dg*dg + db*db; distance < least {
			best, least = i, distance
		}
	}
	return uint8(best + 1)
}

// class returns the classes of the style, such as "term-fg31 term-fg1" for bold red.
func (s Style) class() string {
	var classes []string
	if s.Fore > 0 {
		classes = append(classes, colourClass("term-fg", 30, s.Fore))
	}
	if s.Back > 0 {
		classes = append(classes, colourClass("term-bg", 40, s.Back))
	}
	for _, m := range marks {
		if s.Marks&m.mark != 0 {
			classes = append(classes, m.class)
		}
	}
	return strings.Join(classes, " ")
}

// colourClass names a colour by the code that sets it; bright ones begin 60 higher.
func colourClass(prefix string, first int, colour uint8) string {
	if colour <= 8 {
		return prefix + strconv.Itoa(first+int(colour)-1)
	}
	return prefix + "i" + strconv.Itoa(first+60+int(colour)-9)
}

// String returns the style in a short form that [ParseStyle] reads.
func (s Style) String() string { return fmt.Sprintf("%d.%d.%d", s.Fore, s.Back, s.Marks) }

// ParseStyle reads what [Style.String] wrote; anything else is the plain style.
func ParseStyle(text string) Style {
	var s Style
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &s.Fore, &s.Back, &s.Marks); err != nil {
		return Style{}
	}
	if s.Fore > 16 || s.Back > 16 || s.Marks&^allMarks != 0 {
		return Style{}
	}
	return s
}
