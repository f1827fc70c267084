using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace MadgNet.AspNetCore;

/// <summary>Which form of an answer a caller asks for: by <c>output</c>, or else by <c>Accept</c>.</summary>
internal sealed class OutputChoice
{
    public const string Json = "json";
    public const string Mask = "mask";
    public const string Probability = "probability";
    public const string Overlay = "overlay";
    public const string GeoJson = "geojson";
    public const string Image = "image";

    private const string PngType = "image/png";
    private const string ContentParameter = "content";

    private readonly IReadOnlyList<IResultFormat> _more;

    public OutputChoice(IEnumerable<IResultFormat> more) => _more = [.. more];

    /// <summary>The forms that every service has.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = [Json, Mask, Probability, Overlay, GeoJson, Image];

    /// <summary>The names of all forms.</summary>
    public IEnumerable<string> Names => BuiltIn.Concat(_more.Select(format => format.Name));

    /// <summary>A form that the host added; null for one of the others.</summary>
    public IResultFormat? Find(string output) => _more.FirstOrDefault(format => format.Name == output);

    /// <summary>The form that a request asks for.</summary>
    /// <exception cref="ServiceRefusal">There is no such form.</exception>
    public string Of(HttpRequest request)
    {
        if (request.Query.TryGetValue("output", out StringValues asked))
        {
            return Names.FirstOrDefault(name => asked == name) ?? throw new ServiceRefusal(
                StatusCodes.Status400BadRequest,
                $"output: received '{Shown.Text(asked)}'; expected {string.Join(", ", Names)}. Choose one of them.");
        }

        StringValues accept = request.Headers.Accept;
        if (StringValues.IsNullOrEmpty(accept))
        {
            return Json;
        }

        if (MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? types))
        {
            foreach (MediaTypeHeaderValue type in types.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1))
            {
                if (Of(type) is { } output)
                {
                    return output;
                }
            }
        }

        throw new ServiceRefusal(
            StatusCodes.Status406NotAcceptable,
            $"Accept: received '{Shown.Text(accept)}'; expected {string.Join(", ", Types())}. Ask for one of them, or name one by output.");
    }

    /// <summary>The types that callers may ask for.</summary>
    public IEnumerable<string> Types() =>
        ["application/json", PngType, $"{PngType};content=probability", $"{PngType};content=overlay", "application/geo+json",
            .. _more.Select(format => format.MediaType)];

    private string? Of(MediaTypeHeaderValue type)
    {
        if (type.MatchesMediaType("application/json"))
        {
            return Json;
        }

        if (type.MatchesMediaType(PngType))
        {
            string? content = type.Parameters.FirstOrDefault(part => part.Name.Equals(ContentParameter, StringComparison.OrdinalIgnoreCase))
                ?.Value.Value?.Trim('"');
            return content is null ? Mask : content is Mask or Probability or Overlay or Image ? content : null;
        }

        return type.MatchesMediaType("application/geo+json")
            ? GeoJson
            : _more.FirstOrDefault(format => type.MatchesMediaType(format.MediaType))?.Name;
    }
}
