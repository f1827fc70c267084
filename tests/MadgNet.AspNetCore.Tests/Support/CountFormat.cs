using System.Text;
using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore.Tests.Support;

/// <summary>An answer that says how many pixels the masks have: it stands for forms that a host adds.</summary>
internal sealed class CountFormat(string name, string mediaType, string extension) : IResultFormat
{
    public string Name => name;

    public string MediaType => mediaType;

    public string Extension => extension;

    public byte[] Write(ServedImage image, Prediction prediction, IReadOnlyList<int> labels, IReadOnlyList<string> names)
    {
        IEnumerable<string> counts = labels.Select(
            label => $"{names[label]} {prediction.Regions(label).Sum(region => region.PixelCount)}");
        return Encoding.UTF8.GetBytes($"{name}: {string.Join(", ", counts)}");
    }
}
