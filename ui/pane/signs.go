package pane

// Signs are what the panes' signs mean, one line of the help each.

// Signs are those of the list.
func (p *Services) Signs() []string {
	signs := []string{
		"● running   ◐ partly up, or starting   ‖ paused   ↻ restarts   ✗ in trouble   ○ not running   ≠ not as declared",
		"root: rw can be written   ro cannot   ro* could not, in the preview",
		"writes: + added   ~ modified   - deleted   ✗ refused",
	}
	if p.planned {
		signs = append(signs, "with plan: ✓ needs none   ⇒ mounts that mend   ! code changes left   ✗ writes not solved   opens, rw: makes program files writable")
	}
	return signs
}

// Signs of a pane without any.
func (c *canvas) Signs() []string { return nil }

// Signs are those of the overview.
func (p *Overview) Signs() []string {
	return []string{"! risky   ≠ not as declared   ✗ refused, or a mount that does not do", "+ added   ~ modified   - deleted   ± came and went"}
}

// Signs are those of the mounts.
func (p *Mounts) Signs() []string {
	return []string{"rw can be written   ro cannot   ro* could not, in the preview", "! risky   ≠ not as declared   ✗ the service cannot use it   ⇒ the plan adds it"}
}

// Signs are those of the changes.
func (p *Changes) Signs() []string {
	return []string{
		"+ added   ~ modified   - deleted   ± came and went   ✗ refused   ▸ ▾ a directory, closed and open",
		"◆ since the mark   ◇ asked for, to set it",
		"in the preview: ✗ blocked   → taken by a mount that is there   ⇒ mended by one of the plan   ! code change, which no plan allows",
	}
}

// Signs are those of the plan.
func (p *Plan) Signs() []string {
	return []string{
		"[x] a mount of the plan   [ ] left out   ! an alarm: the program itself was changed   ✗ not solved by any mount",
		"✓ proved by a trial   ◆ a trial goes on",
	}
}

// Signs are those of the logs.
func (p *Logs) Signs() []string { return []string{"✗ a write that was refused on a read-only root"} }
