"""Looks at the providers with their own SDKs: Twilio's account and numbers, our address as Twilio sees it, Slack's bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.channels.twilio_account import TwilioAccount, account_of
from oncall.cli.doctor.look import Look, Patient, fine, problem, unresolved, warning

if TYPE_CHECKING:
    from twilio.rest import Client

LOOKED_THROUGH = 20
SCOPES = ("chat:write", "im:write", "users:read.email")
"""What the bot needs to post, to write to one person, and to find people by their address."""
CREDENTIALS = "put them into files of /etc/oncall/credentials and run with ONCALL_SECRETS_DIR=/etc/oncall/credentials"


async def twilio(patient: Patient) -> list[Look]:
    """The key is valid, the account active, the numbers are the account's and bring replies to us."""
    account = account_of(patient.settings)
    if account is None:
        return [problem("off: no credentials, so nobody can be paged by text", CREDENTIALS)]
    if gone := await unresolved(account.api_base):
        return [problem(gone, "check the name server of this machine: resolvectl status")]
    from aiohttp import ClientError
    from twilio.base.exceptions import TwilioException, TwilioRestException
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    http = AsyncTwilioHttpClient()
    try:
        # Without `environment` the SDK would read a region from the process's and call another host (telephony.md 4).
        client = Client(account.account_sid, account.auth_token, http_client=http, environment={"_": ""})
        client.api.base_url = account.api_base
        return [*await key(client, account), *[look for line in lines(account) for look in await number(client, line, account)]]
    except TwilioRestException as error:
        if error.status in {401, 403}:
            return [problem(f"the key is refused (HTTP {error.status})", "copy account SID and auth token anew from the provider's console")]
        return [problem(f"the API answers HTTP {error.status}", "look at the provider's status page, then try again")]
    except (TwilioException, ClientError, OSError, ValueError) as error:
        return [problem(f"the API cannot be used ({type(error).__name__})", f"does this machine reach {account.api_base}?")]
    finally:
        await http.close()


def lines(account: TwilioAccount) -> tuple[str, ...]:
    """Our numbers, each once."""
    return tuple(dict.fromkeys((account.staff_number, account.customers_number)))


async def key(client: Client, account: TwilioAccount) -> list[Look]:
    """Whether the account works."""
    found: Any = await client.api.v2010.accounts(account.account_sid).fetch_async()
    if found.status != "active":
        return [problem(f"key valid, but the account is {found.status}", "look into the provider's console")]
    if found.type == "Trial":
        return [warning("key valid, trial account: it texts only verified numbers and adds words of its own", "upgrade the account")]
    return [fine("key valid, account active")]


async def number(client: Client, ours: str, account: TwilioAccount) -> list[Look]:
    """Whether one of our numbers is the account's, and its replies come to us."""
    name, wanted = f"..{ours[-4:]}", f"{account.public_url}/twilio/sms"
    found: Any = await client.incoming_phone_numbers.list_async(phone_number=ours, limit=LOOKED_THROUGH)
    one = next((one for one in found if one.phone_number == ours), None)
    if one is None:
        return [problem(f"number {name} is not this account's", "set ONCALL_TWILIO_FROM and _CUSTOMER_FROM to numbers of the account")]
    if one.sms_application_sid:
        return [
            warning(f"number {name} is answered by an application of the account", f"see that it calls {wanted}, or take it away from the number")
        ]
    if (one.sms_url, one.sms_method) != (wanted, "POST"):
        return [problem(f"replies to number {name} go to {one.sms_method} {one.sms_url or 'nowhere'}", f"set 'A message comes in' to POST {wanted}")]
    return [fine(f"number {name} is ours, replies come to {wanted}")]


async def webhook(patient: Patient) -> list[Look]:
    """Whether our public address leads to our daemon, and the signature of what comes there is right."""
    url = patient.settings.public_url
    if not url:
        return [
            problem("ONCALL_PUBLIC_URL is not set, so no reply comes in", "set it to the https address under which the provider reaches this daemon")
        ]
    found = [] if url.startswith("https://") else [problem(f"{url} is not encrypted", "let a proxy with a certificate serve it as https://")]
    if gone := await unresolved(url):
        return [*found, problem(gone, "make an address record for it, or mend ONCALL_PUBLIC_URL")]
    from aiohttp import ClientConnectorCertificateError, ClientError

    try:
        found.append(await answered(url, account_of(patient.settings), patient.settings.listen))
    except ClientConnectorCertificateError:
        found.append(problem(f"{url} has a certificate that is not trusted", "renew it: the provider does not call without a valid one"))
    except (ClientError, OSError) as error:
        found.append(
            problem(f"{url} does not answer ({type(error).__name__})", f"is the proxy running? the daemon listens on {patient.settings.listen}")
        )
    return found


async def answered(url: str, account: TwilioAccount | None, listen: str) -> Look:
    """What answers there: a signed callback about no message changes nothing and shows both ends of the signature."""
    import aiohttp
    from twilio.request_validator import RequestValidator

    async with aiohttp.ClientSession() as session:
        if account is None:
            async with session.get(f"{url}/healthz", allow_redirects=False) as response:
                ours = response.status == 200 and (await response.text()).replace(" ", "") == '{"ok":true}'
                return fine(f"{url} leads to a daemon") if ours else stranger(url, response.status, listen)
        form, path = {"AccountSid": account.account_sid}, f"{url}/twilio/sms/status"
        signature = RequestValidator(account.auth_token).compute_signature(path, form)
        async with session.post(path, data=form, headers={"X-Twilio-Signature": signature}, allow_redirects=False) as response:
            said = await response.text()
            if response.status == 400 and "the form has no" in said:
                return fine(f"{url} leads to the daemon, signatures fit")
            if response.status == 403 and "signature" in said:
                return problem(f"{url} leads to a daemon that finds our signature wrong", "its ONCALL_PUBLIC_URL or auth token is another than ours")
            return stranger(url, response.status, listen)


def stranger(url: str, status: int, listen: str) -> Look:
    """Something else answers."""
    if status in {502, 503, 504}:
        return problem(f"{url} answers {status}", f"the proxy does not reach the daemon, which listens on {listen}")
    return problem(f"{url} answers {status}, and not as a daemon of ours", f"let the proxy pass /twilio/ and /v1/ to {listen}")


async def slack(patient: Patient) -> list[Look]:
    """The bot's token, its scopes, its channel, and the app's token."""
    settings = patient.settings
    token, app_token = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
    if not token:
        return [fine("off: no bot token is set")]
    if gone := await unresolved(settings.slack_api_base):
        return [problem(gone, "check the name server of this machine: resolvectl status")]
    from aiohttp import ClientError
    from slack_sdk.errors import SlackApiError, SlackClientError
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(token=token, base_url=f"{settings.slack_api_base}/", timeout=4, retry_handlers=[])
    try:
        hello = await client.auth_test()
        scopes = hello.headers.get("x-oauth-scopes") or hello.headers.get("X-OAuth-Scopes") or ""
        found = [fine(f"bot {hello.get('user')} in {hello.get('team')}"), *rights({one.strip() for one in scopes.split(",")})]
        found += [await channel(client, settings.slack_channel)] if settings.slack_channel else []
        if app_token:
            await client.apps_connections_open(app_token=app_token)
            found.append(fine("the app token opens connections"))
    except SlackApiError as error:
        word = error.response.get("error", "unknown")
        return [problem(f"Slack refuses a token ({word})", "install the app anew and copy its tokens")]
    except (SlackClientError, ClientError, OSError) as error:
        return [problem(f"Slack cannot be used ({type(error).__name__})", f"does this machine reach {settings.slack_api_base}?")]
    return found


def rights(scopes: set[str]) -> list[Look]:
    """What the bot may not do and must."""
    missing = [one for one in SCOPES if one not in scopes]
    found = [problem(f"the bot lacks {', '.join(missing)}", "add the scopes to the app and install it anew")] if missing else []
    if "commands" not in scopes:
        found.append(warning("the bot lacks commands, so /oncall does not work", "add the scope to the app and install it anew"))
    return found


async def channel(client: Any, name: str) -> Look:
    """Whether the bot is in its channel."""
    from slack_sdk.errors import SlackApiError

    try:
        known = (await client.conversations_info(channel=name))["channel"]
    except SlackApiError as error:
        word = error.response.get("error", "unknown")
        if word == "missing_scope":
            return warning(f"whether the bot is in {name} cannot be seen", "add the scope channels:read (groups:read for a private channel)")
        return problem(f"channel {name} cannot be reached ({word})", "set ONCALL_SLACK_CHANNEL to the channel's ID, and invite the bot")
    if known.get("is_archived") or not known.get("is_member"):
        return problem(f"the bot is not in #{known.get('name', name)}", "invite it there: /invite @oncall")
    return fine(f"bot in #{known.get('name', name)}")
