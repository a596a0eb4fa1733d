"""Tests on real back offices; each names its product in ``@pytest.mark.real`` and runs with ``--real PRODUCT`` only."""
