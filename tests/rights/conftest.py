from tests.pages.conftest import caught as caught
from tests.pages.conftest import demo as demo
from tests.pages.conftest import mine as mine
from tests.pages.conftest import signed_in as signed_in
from tests.pages.conftest import theirs as theirs
