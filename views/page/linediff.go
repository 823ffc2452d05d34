package page

import (
	"slices"
	"strings"
)

// diffKind tells what became of a line.
type diffKind string

// What can become of a line; the words are also classes of the style sheet.
const (
	lineSame    diffKind = "same"
	lineRemoved diffKind = "removed"
	lineAdded   diffKind = "added"
	lineHidden  diffKind = "hidden" // stands for Count lines that are the same
)

// diffLine is one line of a comparison.
type diffLine struct {
	Kind  diffKind
	Text  string
	Count int // of hidden lines
}

// sign is what stands before the line, so that colour does not speak alone.
func (l diffLine) sign() string {
	switch l.Kind {
	case lineRemoved:
		return "−"
	case lineAdded:
		return "+"
	default:
		return " "
	}
}

const (
	// diffCells bounds the table of a comparison. Beyond it the part of two texts that is
	// not the same is shown as taken out and put in whole.
	diffCells = 1 << 20
	// diffContext is how many lines that are the same are shown beside a difference.
	diffContext = 3
)

// diffLines compares two texts line by line by their longest common subsequence, and
// leaves out what is far from any difference.
func diffLines(before, after string) []diffLine {
	a, b := splitLines(before), splitLines(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	lines := same(a[:head])
	lines = append(lines, diffMiddle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	lines = append(lines, same(a[len(a)-tail:])...)
	return shorten(lines)
}

// splitLines cuts a text into lines; an empty text has none.
func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func same(texts []string) []diffLine { return linesOf(lineSame, texts) }

func linesOf(kind diffKind, texts []string) []diffLine {
	lines := make([]diffLine, len(texts))
	for i, text := range texts {
		lines[i] = diffLine{Kind: kind, Text: text}
	}
	return lines
}

// diffMiddle compares what is left between a common beginning and a common end.
func diffMiddle(a, b []string) []diffLine {
	if len(a) == 0 || len(b) == 0 || len(a) > diffCells/len(b) {
		return append(linesOf(lineRemoved, a), linesOf(lineAdded, b)...)
	}
	// length[i][j] is that of the longest common subsequence of a[i:] and b[j:].
	length := make([][]int32, len(a)+1)
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i, x := range slices.Backward(a) {
		for j, y := range slices.Backward(b) {
			if x == y {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var lines []diffLine
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			lines = append(lines, diffLine{Kind: lineSame, Text: a[i]})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			lines = append(lines, diffLine{Kind: lineRemoved, Text: a[i]})
			i++
		default:
			lines = append(lines, diffLine{Kind: lineAdded, Text: b[j]})
			j++
		}
	}
	lines = append(lines, linesOf(lineRemoved, a[i:])...)
	return append(lines, linesOf(lineAdded, b[j:])...)
}

// shorten puts one line in place of each long row of lines that are the same.
func shorten(lines []diffLine) []diffLine {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Kind != lineSame {
			for n := max(0, i-diffContext); n <= min(len(lines)-1, i+diffContext); n++ {
				near[n] = true
			}
		}
	}
	var short []diffLine
	for i := 0; i < len(lines); {
		end := i
		for end < len(lines) && !near[end] {
			end++
		}
		switch {
		case end == i:
			short = append(short, lines[i])
			i++
		case end-i == 1: // a line that says so would be as long
			short = append(short, lines[i])
			i = end
		default:
			short = append(short, diffLine{Kind: lineHidden, Count: end - i})
			i = end
		}
	}
	return short
}
