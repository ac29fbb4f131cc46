"""AWS's REST-JSON protocol: routes, requests and answers of the services that speak it."""
