using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>Reading XML that somebody else wrote: without document types, so that no entity can grow or fetch something.</summary>
internal static class XmlParts
{
    public static XElement Load(string path)
    {
        // A path alone would be taken for an address.
        using FileStream stream = RegularFile.OpenRead(path, RegularFile.LargestText);
        using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader).Root ?? throw new XmlException("The file holds no element.");
    }

    public static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    public static int? Whole(string? text) =>
        int.TryParse(
            text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int value)
            ? value
            : null;

    /// <summary>Places as <c>x,y;x,y</c>; null where it is something else.</summary>
    public static List<RegionPoint>? Points(string? text)
    {
        var points = new List<RegionPoint>();
        foreach (string place in text?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [""])
        {
            string[] numbers = place.Split(',');
            if (numbers.Length != 2 || Number(numbers[0]) is not { } x || Number(numbers[1]) is not { } y)
            {
                return null;
            }

            points.Add(new RegionPoint(x, y));
        }

        return points;
    }
}
