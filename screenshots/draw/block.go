package draw

// Block elements and braille are drawn here too, so that bars and graphs made
// of them have no gaps.

// quadrants says which quarters a character from U+2596 fills: 1 upper left,
// 2 upper right, 4 lower left, 8 lower right.
var quadrants = [10]int{4, 8, 1, 1 + 4 + 8, 1 + 8, 1 + 2 + 4, 1 + 2 + 8, 2, 2 + 4, 2 + 4 + 8}

// block gives the filled parts of a block element, within its cell, and how
// much of the foreground they show, in percent.
func block(r rune) (parts []rect, percent int) {
	from := func(x, y, endX, endY length) ([]rect, int) {
		return []rect{{x: x, y: y, endX: endX, endY: endY}}, 100
	}
	eighths := func(whole length, n rune) length { return whole * length(n) / 8 }
	switch {
	case r == '▀':
		return from(0, 0, cellWidth, cellHeight/2)
	case r >= '▁' && r <= '█':
		return from(0, cellHeight-eighths(cellHeight, r-'▁'+1), cellWidth, cellHeight)
	case r >= '▉' && r <= '▏':
		return from(0, 0, eighths(cellWidth, 7-(r-'▉')), cellHeight)
	case r == '▐':
		return from(cellWidth/2, 0, cellWidth, cellHeight)
	case r >= '░' && r <= '▓':
		parts, _ = from(0, 0, cellWidth, cellHeight)
		return parts, 25 * int(r-'░'+1)
	case r == '▔':
		return from(0, 0, cellWidth, eighths(cellHeight, 1))
	case r == '▕':
		return from(cellWidth-eighths(cellWidth, 1), 0, cellWidth, cellHeight)
	case r >= '▖' && r <= '▟':
		for i := range 4 {
			if quadrants[r-'▖']&(1<<i) != 0 {
				x, y := length(i%2)*cellWidth/2, length(i/2)*cellHeight/2
				parts = append(parts, rect{x: x, y: y, endX: x + cellWidth/2, endY: y + cellHeight/2})
			}
		}
	}
	return parts, 100
}

// braille gives the dots of a braille pattern.
func braille(r rune) (string, bool) {
	if r < 0x2800 || r > 0x28ff {
		return "", false
	}
	// Unicode numbers the dots down the left, down the right, and then the
	// fourth row, which came later.
	places := [8]struct{ x, y length }{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}
	const radius = 120
	var p path
	for i, place := range places {
		if r&(1<<i) == 0 {
			continue
		}
		x := cellWidth*(2*place.x+1)/4 + radius
		y := cellHeight*(2*place.y+1)/8 - baseline
		p.move(point{x, y})
		for range 2 {
			x = cellWidth*(2*place.x+1)/2 - x
			p.arc(radius, true, point{x, y})
		}
	}
	return p.String(), true
}
