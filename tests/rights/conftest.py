from tests.pages.conftest import caught as caught
from tests.pages.conftest import demo as demo
