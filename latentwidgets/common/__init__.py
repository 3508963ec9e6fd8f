"""What every part may use: checks of arguments, progress bars, processes, adapters' look-up."""
