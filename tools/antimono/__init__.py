# SPDX-License-Identifier: GPL-2.0-only
"""The parts of the antimono command. One module per subcommand, plus what they share."""
