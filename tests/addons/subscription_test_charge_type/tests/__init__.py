from . import test_instalments
