namespace MadgNet.Core.Data.Transforms;

/// <summary>A straight-line geometry: source = A·(result − centre of the result) + centre of the source − shift.</summary>
internal readonly struct AffineMap : IWarpMap
{
    private readonly double _xx;
    private readonly double _xy;
    private readonly double _x;
    private readonly double _yx;
    private readonly double _yy;
    private readonly double _y;

    /// <summary>
    /// The geometry that enlarges by a factor, shears, turns about the centre (counter-clockwise for positive angles, as
    /// PIL) and shifts, in this order.
    /// </summary>
    public AffineMap(
        (int Height, int Width) source,
        (int Height, int Width) result,
        double degrees,
        double scale = 1,
        double shearDegrees = 0,
        double shiftX = 0,
        double shiftY = 0)
    {
        double angle = degrees * Math.PI / 180;
        double cos = Math.Cos(angle) / scale;
        double sin = Math.Sin(angle) / scale;
        double shear = Math.Tan(shearDegrees * Math.PI / 180);
        // Rows grow downwards, so turning the result counter-clockwise reads the source clockwise.
        _xx = cos + (shear * sin);
        _xy = -sin + (shear * cos);
        _yx = sin;
        _yy = cos;
        double centerX = (result.Width / 2.0) + shiftX;
        double centerY = (result.Height / 2.0) + shiftY;
        _x = (source.Width / 2.0) - (_xx * centerX) - (_xy * centerY);
        _y = (source.Height / 2.0) - (_yx * centerX) - (_yy * centerY);
    }

    public void Row(int y, Span<float> sourceX, Span<float> sourceY)
    {
        double row = y + 0.5;
        double startX = (_xy * row) + _x;
        double startY = (_yy * row) + _y;
        for (int x = 0; x < sourceX.Length; x++)
        {
            sourceX[x] = (float)((_xx * (x + 0.5)) + startX);
            sourceY[x] = (float)((_yx * (x + 0.5)) + startY);
        }
    }
}
