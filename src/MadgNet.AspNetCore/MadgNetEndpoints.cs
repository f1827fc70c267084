using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace MadgNet.AspNetCore;

/// <summary>Maps the service's endpoints.</summary>
public static class MadgNetEndpoints
{
    /// <summary>
    /// Maps the endpoint that segments images and, beside it, the page to try it on.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path of the endpoint that segments; the others lie beside it.</param>
    /// <returns>All endpoints, to which conventions such as an authorization can be added.</returns>
    public static IEndpointConventionBuilder MapMadgNet(this IEndpointRouteBuilder endpoints, string pattern = "/segment")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        RouteGroupBuilder group = endpoints.MapGroup(pattern[..(pattern.LastIndexOf('/') + 1)]);
        PageFiles.Map(group);
        return group;
    }
}
