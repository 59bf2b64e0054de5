"""The real engine and the real store on virtual time, with people, carriers, crashes and clocks that misbehave by a seed."""
