"""When things happen: the calendar and the plan, and the runner that takes each event in one step and one commit."""
