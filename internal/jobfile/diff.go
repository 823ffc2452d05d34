package jobfile

import (
	"fmt"
	"slices"
	"strings"
)

// context is how many equal lines are shown around a difference.
const context = 2

// mostCells bounds the work of finding the longest common lines; texts that are longer
// are shown as replaced.
const mostCells = 4 << 20

// writeDiff writes the lines that differ, with some around them, each with a sign.
func writeDiff(b *strings.Builder, before, after string) {
	all := diff(split(before), split(after))
	shown := make([]bool, len(all))
	for i, l := range all {
		if l.sign == ' ' {
			continue
		}
		for k := max(0, i-context); k <= min(len(all)-1, i+context); k++ {
			shown[k] = true
		}
	}
	gap := false
	for i, l := range all {
		if !shown[i] {
			gap = true
			continue
		}
		if gap {
			b.WriteString("      …\n")
			gap = false
		}
		fmt.Fprintf(b, "    %c %s\n", l.sign, l.text)
	}
	if gap {
		b.WriteString("      …\n")
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// diffLine is one line of a difference: ' ' in both, '-' only before, '+' only after.
type diffLine struct {
	sign rune
	text string
}

// diff returns the lines of both texts, those of their longest common sequence once.
func diff(before, after []string) []diffLine {
	var all []diffLine
	if (len(before)+1)*(len(after)+1) > mostCells {
		for _, l := range before {
			all = append(all, diffLine{'-', l})
		}
		for _, l := range after {
			all = append(all, diffLine{'+', l})
		}
		return all
	}
	common := commonLengths(before, after)
	i, k := 0, 0
	for i < len(before) || k < len(after) {
		switch {
		case i < len(before) && k < len(after) && before[i] == after[k]:
			all = append(all, diffLine{' ', before[i]})
			i, k = i+1, k+1
		case i < len(before) && (k == len(after) || common[i+1][k] >= common[i][k+1]):
			all = append(all, diffLine{'-', before[i]})
			i++
		default:
			all = append(all, diffLine{'+', after[k]})
			k++
		}
	}
	return all
}

// commonLengths returns, for each pair of positions, how many lines the rests have in common.
func commonLengths(before, after []string) [][]int {
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i, line := range slices.Backward(before) {
		for k, other := range slices.Backward(after) {
			if line == other {
				common[i][k] = common[i+1][k+1] + 1
			} else {
				common[i][k] = max(common[i+1][k], common[i][k+1])
			}
		}
	}
	return common
}
