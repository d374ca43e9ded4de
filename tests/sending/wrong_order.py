"""A sender that sends the dot before its intent is committed: what the proof must find. Only for its test."""

import asyncio
import os

import django


def wrong(self, job, composed):
    """Ask as usual, but let the dot go at once."""
    self.waves.intend(composed, job.done)
    granted = asyncio.get_running_loop().create_future()
    granted.set_result(True)
    return granted


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    django.setup()
    from deliveries.sending.worker import main
    from deliveries.sending.worker.dispatcher import Dispatcher
    from deliveries.sending.worker.group_commit import Waves

    real = Waves._wave

    async def late(self):
        await asyncio.sleep(0.2)  # the commit comes after the dot, as it would under load
        await real(self)

    Waves._wave = late
    Dispatcher.intend = wrong
    main.run()
