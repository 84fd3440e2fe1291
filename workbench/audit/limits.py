"""Numbers from which an audit calls something far, sure or solid: conventions, in one place."""

from __future__ import annotations

# A move of more places than this is far.
FAR = 5

# The verdict, by the median width of the ranges of places. Up to so many places, or so large a part
# of all of them, single places hold; up to the second part groups of neighbours can be told apart;
# beyond it the ranking depends on the choices made.
FIRM_PLACES, FIRM_SHARE, ROUGH_SHARE = 2.0, 0.05, 0.20

# Shares of the draws: who is among the first in as many is sure, in more than so few could be.
SURE, POSSIBLE = 0.95, 0.05
# Indicators without which places shift less than this part of all places hardly matter.
STILL = 0.005

# Indicators of one group that correlate more say almost the same; a negative correlation is told
# where its p-value is smaller.
SAME, MOST_P = 0.9, 0.05
# Sizes of a correlation from which it is little, clear, strong.
STRENGTHS = (0.2, 0.5, 0.8)

# Outliers: more of both, as the JRC has them. Little measured: shares of
# all units below which COINr flags an indicator.
SKEWNESS, KURTOSIS = 2.0, 3.5
AVAILABLE, NONZERO, UNIQUE = 0.65, 0.5, 0.5
