# SPDX-License-Identifier: GPL-2.0-only
"""Checks over the whole output of a run that regular expressions cannot express. Each gets (text, case)."""
