"""Faulty input of every kind for every reader: only a result or a refusal that helps may come.

``readers`` is the table of what is read, ``faults`` that of what can be wrong with it, ``levels``
opens a file as bytes, text, tree, table or archive so that one fault serves many formats, ``case``
judges one input, and ``drive`` runs many within limits. ``make fuzz`` prints the table of counts.
"""
