using System.Globalization;

namespace MadgNet.Core.Annotations;

/// <summary>What the readers of all formats share: they add shapes, and what cannot become pixels is noted.</summary>
internal sealed class AnnotationSink(string path, AnnotationReadOptions options)
{
    private readonly List<AnnotatedObject> _objects = [];
    private readonly List<Problem> _leftOut = [];

    public string Path { get; } = path;

    public AnnotationReadOptions Options { get; } = options;

    public IReadOnlyList<Problem> LeftOut => _leftOut;

    /// <summary>The objects since the last call.</summary>
    public IReadOnlyList<AnnotatedObject> Take()
    {
        AnnotatedObject[] taken = [.. _objects];
        _objects.Clear();
        return taken;
    }

    public void Add(AnnotatedObject drawn) => _objects.Add(drawn);

    /// <summary>Adds polygons; rings of fewer than three places cover nothing and are noted.</summary>
    public void Add(string where, string? label, IEnumerable<AnnotationPolygon> polygons, double? score = null, bool crowd = false)
    {
        AnnotationPolygon[] all = [.. polygons];
        AnnotationPolygon[] whole = [.. all.Where(polygon => polygon.Outer.Count >= 3)
            .Select(polygon => polygon with { Holes = [.. polygon.Holes.Where(hole => hole.Count >= 3)] })];
        if (whole.Length < all.Length || all.Length == 0)
        {
            LeaveOut(where, "a polygon of fewer than three places", "Draw it again, or remove it");
        }

        if (whole.Length > 0)
        {
            _objects.Add(new AnnotatedObject(Name(label), whole) { Score = score, IsCrowd = crowd });
        }
    }

    /// <summary>Adds a box where boxes are filled, and notes it where they are not.</summary>
    public void AddBox(string where, string? label, double left, double top, double right, double bottom, double? score = null)
    {
        if (Options.FillBoxes)
        {
            Add(where, label, [AnnotationPolygon.Rectangle(left, top, right, bottom)], score);
        }
        else
        {
            LeaveOut(where, "a box", $"Set {nameof(AnnotationReadOptions.FillBoxes)} if all of it belongs to the object");
        }
    }

    public void LeaveOut(string where, string received, string remedy) =>
        _leftOut.Add(new Problem($"{Path}, {where}", received, "an area: a polygon or a mask", remedy));

    public string Name(string? label) => string.IsNullOrWhiteSpace(label) ? Options.Unclassified : label;

    public AnnotationException Broken(string where, string received, string expected) =>
        new(new Problem($"{Path}, {where}", received, expected, "Export it again from the program that wrote it"));

    public static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);
}
