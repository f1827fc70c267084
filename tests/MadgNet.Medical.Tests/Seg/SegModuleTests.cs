using MadgNet.Medical.Dicom;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Seg;

/// <summary>
/// The tables of the segmentation IOD (PS3.3, A.51 and C.8.20): attributes of type 1 are there with a value, those of type 2 are there.
/// </summary>
public class SegModuleTests
{
    /// <summary>Path of an attribute, its type, and for which segmentations it is asked: all, or those of one type.</summary>
    private static readonly (string Module, string Attribute, int Type, SegmentationType? Only)[] Table =
    [
        ("Patient", "0010,0010", 2, null), ("Patient", "0010,0020", 2, null), ("Patient", "0010,0030", 2, null),
        ("Patient", "0010,0040", 2, null),
        ("General Study", "0020,000D", 1, null), ("General Study", "0008,0020", 2, null), ("General Study", "0008,0030", 2, null),
        ("General Study", "0008,0090", 2, null), ("General Study", "0020,0010", 2, null), ("General Study", "0008,0050", 2, null),
        ("General Series", "0008,0060", 1, null), ("General Series", "0020,000E", 1, null), ("General Series", "0020,0011", 1, null),
        ("Frame of Reference", "0020,0052", 1, null), ("Frame of Reference", "0020,1040", 2, null),
        ("Enhanced General Equipment", "0008,0070", 1, null), ("Enhanced General Equipment", "0008,1090", 1, null),
        ("Enhanced General Equipment", "0018,1000", 1, null), ("Enhanced General Equipment", "0018,1020", 1, null),
        ("Image Pixel", "0028,0002", 1, null), ("Image Pixel", "0028,0004", 1, null), ("Image Pixel", "0028,0010", 1, null),
        ("Image Pixel", "0028,0011", 1, null), ("Image Pixel", "0028,0100", 1, null), ("Image Pixel", "0028,0101", 1, null),
        ("Image Pixel", "0028,0102", 1, null), ("Image Pixel", "0028,0103", 1, null), ("Image Pixel", "7FE0,0010", 1, null),
        ("Segmentation Image", "0008,0008", 1, null), ("Segmentation Image", "0020,0013", 1, null),
        ("Segmentation Image", "0070,0080", 1, null), ("Segmentation Image", "0070,0081", 2, null),
        ("Segmentation Image", "0070,0084", 2, null), ("Segmentation Image", "0028,2110", 1, null),
        ("Segmentation Image", "0062,0001", 1, null),
        ("Segmentation Image", "0062,0010", 1, SegmentationType.Fractional),
        ("Segmentation Image", "0062,000E", 1, SegmentationType.Fractional),
        ("Segmentation Image", "0062,0002", 1, null), ("Segmentation Image", "0062,0002/0062,0004", 1, null),
        ("Segmentation Image", "0062,0002/0062,0005", 1, null), ("Segmentation Image", "0062,0002/0062,0008", 1, null),
        ("Segmentation Image", "0062,0002/0062,0009", 1, null),
        ("Algorithm Identification", "0062,0002/0062,0007/0066,002F/0008,0100", 1, null),
        ("Algorithm Identification", "0062,0002/0062,0007/0066,0031", 1, null),
        ("Algorithm Identification", "0062,0002/0062,0007/0066,0036", 1, null),
        ("Segmentation Image", "0062,0002/0062,0003/0008,0100", 1, null),
        ("Segmentation Image", "0062,0002/0062,0003/0008,0102", 1, null),
        ("Segmentation Image", "0062,0002/0062,0003/0008,0104", 1, null),
        ("Segmentation Image", "0062,0002/0062,000F/0008,0100", 1, null),
        ("Segmentation Image", "0062,0002/0062,000F/0008,0102", 1, null),
        ("Segmentation Image", "0062,0002/0062,000F/0008,0104", 1, null),
        ("Multi-frame Functional Groups", "0008,0023", 1, null), ("Multi-frame Functional Groups", "0008,0033", 1, null),
        ("Multi-frame Functional Groups", "0028,0008", 1, null), ("Multi-frame Functional Groups", "5200,9229", 1, null),
        ("Multi-frame Functional Groups", "5200,9230", 1, null),
        ("Pixel Measures", "5200,9229/0028,9110/0028,0030", 1, null), ("Pixel Measures", "5200,9229/0028,9110/0018,0050", 1, null),
        ("Plane Orientation", "5200,9229/0020,9116/0020,0037", 1, null),
        ("Plane Position", "5200,9230/0020,9113/0020,0032", 1, null),
        ("Frame Content", "5200,9230/0020,9111/0020,9157", 1, null),
        ("Segmentation Macro", "5200,9230/0062,000A/0062,000B", 1, SegmentationType.Binary),
        ("Segmentation Macro", "5200,9230/0062,000A/0062,000B", 1, SegmentationType.Fractional),
        ("Derivation Image", "5200,9230/0008,9124/0008,9215/0008,0100", 1, null),
        ("Derivation Image", "5200,9230/0008,9124/0008,2112/0008,1150", 1, null),
        ("Derivation Image", "5200,9230/0008,9124/0008,2112/0008,1155", 1, null),
        ("Derivation Image", "5200,9230/0008,9124/0008,2112/0040,A170/0008,0100", 1, null),
        ("Multi-frame Dimension", "0020,9221/0020,9164", 1, null), ("Multi-frame Dimension", "0020,9222/0020,9165", 1, null),
        ("Multi-frame Dimension", "0020,9222/0020,9167", 1, null), ("Multi-frame Dimension", "0020,9222/0020,9164", 1, null),
        ("Common Instance Reference", "0008,1115/0020,000E", 1, null),
        ("Common Instance Reference", "0008,1115/0008,114A/0008,1150", 1, null),
        ("Common Instance Reference", "0008,1115/0008,114A/0008,1155", 1, null),
        ("SOP Common", "0008,0005", 1, null), ("SOP Common", "0008,0016", 1, null), ("SOP Common", "0008,0018", 1, null),
    ];

    [Theory]
    [InlineData(SegmentationType.Binary)]
    [InlineData(SegmentationType.Fractional)]
    [InlineData(SegmentationType.LabelMap)]
    public void Every_attribute_that_the_tables_ask_for_is_there(SegmentationType type)
    {
        using var folder = new TemporaryFolder();
        DicomFile file = Written(folder, type);

        string[] missing = [.. Table
            .Where(entry => entry.Only is null || entry.Only == type)
            .SelectMany(entry => Missing(file.Dataset, entry.Attribute.Split('/'), entry.Type).Select(path => $"{entry.Module}: {path}"))];

        Assert.Empty(missing);
    }

    /// <summary>The walk finds what it looks for: each attribute that is taken away is missed.</summary>
    [Theory]
    [InlineData("0010,0010", 2)]
    [InlineData("0062,0001", 1)]
    [InlineData("0062,0002/0062,0003/0008,0104", 1)]
    public void An_attribute_that_is_taken_away_is_missed(string attribute, int type)
    {
        using var folder = new TemporaryFolder();
        DicomFile file = Written(folder, SegmentationType.Binary);
        string[] parts = attribute.Split('/');

        Assert.Empty(Missing(file.Dataset, parts, type));
        Assert.NotEmpty(Missing(Without(file.Dataset, parts), parts, type));
    }

    [Fact]
    public void Every_frame_names_its_place_among_the_dimensions()
    {
        using var folder = new TemporaryFolder();
        DicomFile file = Written(folder, SegmentationType.Binary);
        int dimensions = file.Dataset.Sequence(Tags.DimensionIndexSequence).Count;
        IReadOnlyList<DicomDataset> frames = file.Dataset.Sequence(Tags.PerFrameGroups);

        Assert.Equal(file.Dataset.Integer(Tags.NumberOfFrames), frames.Count);
        string[] places = [.. frames.Select(frame => string.Join(
            ',', frame.Sequence(Tags.FrameContentSequence)[0].Numbers(Tags.DimensionIndexValues)))];
        Assert.All(places, place => Assert.Equal(dimensions, place.Split(',').Length));
        Assert.Equal(frames.Count, places.Distinct().Count());
    }

    internal static DicomFile Written(TemporaryFolder folder, SegmentationType type)
    {
        CtPhantom.Write(folder.File("ct"), rows: 10, columns: 11);
        DicomSeries series = DicomSeries.Load(folder.File("ct"));
        var writer = new SegWriter(
            series,
            [
                new SegSegment
                {
                    Label = "Liver",
                    Category = CodedConcept.AnatomicalStructure,
                    Type = new("10200004", "SCT", "Liver"),
                    Color = (200, 80, 60),
                },
                new SegSegment
                {
                    Label = "Tumour",
                    Category = CodedConcept.MorphologicallyAlteredStructure,
                    Type = new("108369006", "SCT", "Neoplasm"),
                },
            ],
            new SegOptions { Type = type });
        for (int slice = 1; slice < 4; slice++)
        {
            var mask = new byte[110];
            mask.AsSpan(20 + slice, 12).Fill(1);
            writer.Add(slice, 1, mask);
            mask.AsSpan().Clear();
            mask[5] = 1;
            writer.Add(slice, 2, mask);
        }

        string path = folder.File($"{type}.dcm");
        writer.Save(path);
        return DicomFile.Read(path);
    }

    private static IEnumerable<string> Missing(DicomDataset dataset, string[] path, int type, string above = "")
    {
        DicomTag tag = Tag(path[0]);
        if (!dataset.TryGet(tag, out DicomElement? element))
        {
            yield return $"{above}{path[0]} is not there";
        }
        else if (path.Length > 1 || element.Vr == DicomVr.SQ)
        {
            if (element.Items.Count == 0 && type == 1)
            {
                yield return $"{above}{path[0]} has no items";
            }

            if (path.Length > 1)
            {
                foreach (string missing in element.Items.SelectMany((item, i) => Missing(item, path[1..], type, $"{above}{path[0]}[{i}]/")))
                {
                    yield return missing;
                }
            }
        }
        else if (type == 1 && element.Value.IsEmpty)
        {
            yield return $"{above}{path[0]} has no value";
        }
    }

    private static DicomDataset Without(DicomDataset dataset, string[] path)
    {
        var copy = new DicomDataset();
        DicomTag tag = Tag(path[0]);
        foreach (DicomElement element in dataset.Elements.Where(element => element.Tag != tag || path.Length > 1))
        {
            copy.Set(element.Tag == tag ? new DicomElement(tag, [.. element.Items.Select(item => Without(item, path[1..]))]) : element);
        }

        return copy;
    }

    private static DicomTag Tag(string text) => new(Convert.ToUInt16(text[..4], 16), Convert.ToUInt16(text[5..], 16));
}
