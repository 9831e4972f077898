"""scramp: SCRAM, its client against its server."""

import base64

from answers import main
from scramp import ScramClient, ScramMechanism


def scram(request):
    plus = request["mechanism"].endswith("-PLUS")
    bound = None
    if request["gs2"].startswith("p="):
        kind = request["gs2"][2:].split(",")[0]
        if kind == "tls-exporter":
            return {"skip": "it does not have it, and says so"}
        bound = kind, base64.b64decode(request["cbind_data"] or "")
    if plus != (bound is not None):
        raise ValueError("`p=` and -PLUS go together")
    if request["gs2"] not in ("n,,", "y,,") and (bound is None or not request["gs2"].endswith(",,")):
        return {"skip": "no authorization identity in the API"}
    if request["gs2"] == "y,,":
        return {"skip": "no way to say that the server does not offer it"}
    base = request["mechanism"]
    client = ScramClient([base], request["user"], request["password"], channel_binding=bound,
                         c_nonce=request["client_nonce"])
    mechanism = ScramMechanism(base)
    salt = base64.b64decode(request["salt"], validate=True)
    salt, stored, server_key, iterations = mechanism.make_auth_info(
        request["password"], iteration_count=request["iterations"], salt=salt)
    server = mechanism.make_server(lambda _: (salt, stored, server_key, iterations), channel_binding=bound,
                                   s_nonce=request["server_nonce"])
    answer = {"client_first": client.get_client_first()}
    server.set_client_first(answer["client_first"])
    answer["server_first"] = server.get_server_first()
    client.set_server_first(answer["server_first"])
    answer["client_final"] = client.get_client_final()
    server.set_client_final(answer["client_final"])
    answer["server_final"] = server.get_server_final()
    client.set_server_final(answer["server_final"])
    return answer


main({"scram": scram})
