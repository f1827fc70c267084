using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>Measures the connected components of a mask and follows their contours.</summary>
internal sealed class RegionFinder
{
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    private readonly int[] _labels;
    private readonly int _height;
    private readonly int _width;
    private readonly PixelSpacing _spacing;
    private readonly bool _diagonal;

    private RegionFinder(int[] labels, int height, int width, PixelSpacing spacing, bool diagonal)
    {
        _labels = labels;
        _height = height;
        _width = width;
        _spacing = spacing;
        _diagonal = diagonal;
    }

    public static IReadOnlyList<Region> Find(
        ReadOnlySpan<bool> mask,
        ReadOnlySpan<float> probability,
        (int Height, int Width) size,
        int label,
        string? name,
        PixelSpacing spacing,
        ComponentConnectivity connectivity)
    {
        var labels = new int[mask.Length];
        int count = ConnectedComponents.Label(mask, size.Width, connectivity, labels);
        var finder = new RegionFinder(labels, size.Height, size.Width, spacing, connectivity == ComponentConnectivity.Eight);
        return finder.Measure(count, probability, label, name);
    }

    private Region[] Measure(int count, ReadOnlySpan<float> probability, int label, string? name)
    {
        var totals = new Totals[count];
        totals.AsSpan().Fill(new Totals { Left = int.MaxValue, Top = int.MaxValue });
        for (int i = 0; i < _labels.Length; i++)
        {
            if (_labels[i] != 0)
            {
                totals[_labels[i] - 1].Add(i % _width, i / _width, probability[i]);
            }
        }

        (List<RegionPoint>? Outer, List<IReadOnlyList<RegionPoint>> Holes, double Length)[] contours = Contours(count);
        var regions = new Region[count];
        for (int i = 0; i < count; i++)
        {
            Totals total = totals[i];
            regions[i] = new Region(label, name)
            {
                PixelCount = total.Count,
                Area = total.Count * _spacing.Row * _spacing.Column,
                Perimeter = contours[i].Length,
                Centroid = Place((total.X / total.Count) + 0.5, (total.Y / total.Count) + 0.5),
                BoundingBox = new RegionBounds(
                    total.Left * _spacing.Column,
                    total.Top * _spacing.Row,
                    (total.Right - total.Left + 1) * _spacing.Column,
                    (total.Bottom - total.Top + 1) * _spacing.Row),
                MeanProbability = total.Probability / total.Count,
                Outer = contours[i].Outer!,
                Holes = contours[i].Holes,
            };
        }

        return regions;
    }

    /// <summary>
    /// Follows every contour once, with the region to the right. Each has an edge that runs rightwards along the top of a pixel,
    /// and each such edge belongs to one contour: going through them finds all.
    /// </summary>
    private (List<RegionPoint>? Outer, List<IReadOnlyList<RegionPoint>> Holes, double Length)[] Contours(int count)
    {
        var result = new (List<RegionPoint>? Outer, List<IReadOnlyList<RegionPoint>> Holes, double Length)[count];
        var followed = new bool[_labels.Length];
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++)
            {
                int label = _labels[(y * _width) + x];
                if (label == 0 || followed[(y * _width) + x] || Is(label, x, y - 1))
                {
                    continue;
                }

                (List<RegionPoint> points, double length) = Follow(label, x, y, followed);
                ref var contour = ref result[label - 1];
                contour.Holes ??= [];
                contour.Length += length;

                // The topmost row of a component is reached first, and its edge is part of the outer contour.
                if (contour.Outer is null)
                {
                    contour.Outer = points;
                }
                else
                {
                    contour.Holes.Add(points);
                }
            }
        }

        return result;
    }

    private (List<RegionPoint> Points, double Length) Follow(int label, int startX, int startY, bool[] followed)
    {
        var points = new List<RegionPoint>();
        double diagonal = Math.Sqrt((_spacing.Row * _spacing.Row) + (_spacing.Column * _spacing.Column)) / 2;
        double length = 0;
        int x = startX;
        int y = startY;
        int heading = 0;
        do
        {
            if (heading == 0)
            {
                followed[(y * _width) + x] = true;
            }

            x += Steps[heading].X;
            y += Steps[heading].Y;
            int next = Turn(label, x, y, heading);
            if (next == heading)
            {
                length += heading % 2 == 0 ? _spacing.Column : _spacing.Row;
            }
            else
            {
                length += diagonal;
                points.Add(Place(x, y));
                heading = next;
            }
        }
        while (x != startX || y != startY || heading != 0);
        return (points, length);
    }

    /// <summary>Where the contour goes on from a corner that it has come to.</summary>
    private int Turn(int label, int x, int y, int heading)
    {
        // The two pixels ahead of the corner, to the left and to the right of the heading.
        (int aheadX, int aheadY) = Steps[heading];
        (int rightX, int rightY) = Steps[(heading + 1) % 4];
        bool right = Is(label, Pixel(x, aheadX + rightX), Pixel(y, aheadY + rightY));
        bool left = Is(label, Pixel(x, aheadX - rightX), Pixel(y, aheadY - rightY));
        if (right)
        {
            return left ? (heading + 3) % 4 : heading;
        }

        // Only the pixel ahead on the left: it touches the one behind on the right at this corner alone.
        return left && _diagonal ? (heading + 3) % 4 : (heading + 1) % 4;
    }

    private static int Pixel(int corner, int direction) => direction > 0 ? corner : corner - 1;

    private bool Is(int label, int x, int y) =>
        (uint)x < (uint)_width && (uint)y < (uint)_height && _labels[(y * _width) + x] == label;

    private RegionPoint Place(double x, double y) => new(x * _spacing.Column, y * _spacing.Row);

    private struct Totals
    {
        public int Count;
        public double X;
        public double Y;
        public double Probability;
        public int Left;
        public int Top;
        public int Right;
        public int Bottom;

        public void Add(int x, int y, float probability)
        {
            Count++;
            X += x;
            Y += y;
            Probability += probability;
            Left = Math.Min(Left, x);
            Top = Math.Min(Top, y);
            Right = Math.Max(Right, x);
            Bottom = Math.Max(Bottom, y);
        }
    }
}
