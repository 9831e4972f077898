"""precis-i18n: PRECIS."""

from answers import main
from precis_i18n import get_profile

NAMES = {"Nickname": "NicknameCasePreserved", "FreeformClass": "FreeFormClass"}


def precis(request):
    if "a" in request:
        # Nickname is compared in lower case (RFC 8266 section 2.4), which is another profile there.
        profile = get_profile({"Nickname": "NicknameCaseMapped"}.get(request["profile"], request["profile"]))
        return {"equal": profile.enforce(request["a"]) == profile.enforce(request["b"])}
    profile = get_profile(NAMES.get(request["profile"], request["profile"]))
    return {"ok": True, "output": profile.enforce(request["input"])}


main({"precis": precis})
