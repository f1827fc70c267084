namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Bends the image smoothly: points of a coarse grid are moved by normally distributed amounts, and cubic B-splines carry
/// that to every pixel (Rueckert et al. 1999; U-Net's augmentation, Ronneberger et al. 2015, is of this kind). What comes
/// in from outside is 0.
/// </summary>
public sealed class ElasticDeformation : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="magnitude">Standard deviation of the movement of grid points in pixels, at least 0; default 8.</param>
    /// <param name="spacing">Distance of grid points in pixels, at least 4; default 48. Folds are avoided while the magnitude stays below a
    /// third of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ElasticDeformation(double magnitude = 8, int spacing = 48)
    {
        Check.Range(magnitude, magnitude >= 0 && double.IsFinite(magnitude), "at least 0", "Use 8 for moderate bending");
        Check.Range(spacing, spacing >= 4, "at least 4", "Use 48 for moderate bending");
        Magnitude = magnitude;
        Spacing = spacing;
    }

    /// <summary>Standard deviation of the movement of grid points in pixels.</summary>
    public double Magnitude { get; }

    /// <summary>Distance of grid points in pixels.</summary>
    public int Spacing { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Magnitude), Magnitude),
        (nameof(Spacing), Spacing),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        Warp.Apply(
            sample,
            sample.Image.Height,
            sample.Image.Width,
            new SplineMap(sample.Image.Height, sample.Image.Width, Spacing, Magnitude, random));

    private sealed class SplineMap : IWarpMap
    {
        private readonly int _spacing;
        private readonly int _columns;
        private readonly float[] _shiftX;
        private readonly float[] _shiftY;
        private readonly float[] _lineX;
        private readonly float[] _lineY;

        public SplineMap(int height, int width, int spacing, double magnitude, Random random)
        {
            _spacing = spacing;
            _columns = (width / spacing) + 4;
            int rows = (height / spacing) + 4;
            _shiftX = new float[rows * _columns];
            _shiftY = new float[rows * _columns];
            for (int i = 0; i < _shiftX.Length; i++)
            {
                (double first, double second) = Normal.Pair(random);
                _shiftX[i] = (float)(first * magnitude);
                _shiftY[i] = (float)(second * magnitude);
            }

            _lineX = new float[_columns];
            _lineY = new float[_columns];
        }

        public void Row(int y, Span<float> sourceX, Span<float> sourceY)
        {
            Span<float> weights = stackalloc float[4];
            int top = Weights(y, weights);
            for (int column = 0; column < _columns; column++)
            {
                float x = 0;
                float down = 0;
                for (int k = 0; k < 4; k++)
                {
                    x += weights[k] * _shiftX[((top + k) * _columns) + column];
                    down += weights[k] * _shiftY[((top + k) * _columns) + column];
                }

                _lineX[column] = x;
                _lineY[column] = down;
            }

            for (int x = 0; x < sourceX.Length; x++)
            {
                int left = Weights(x, weights);
                float shiftX = 0;
                float shiftY = 0;
                for (int k = 0; k < 4; k++)
                {
                    shiftX += weights[k] * _lineX[left + k];
                    shiftY += weights[k] * _lineY[left + k];
                }

                sourceX[x] = x + 0.5f + shiftX;
                sourceY[x] = y + 0.5f + shiftY;
            }
        }

        /// <summary>The four cubic B-spline weights at a pixel, and the first grid point that they belong to.</summary>
        private int Weights(int pixel, Span<float> weights)
        {
            float place = (pixel + 0.5f) / _spacing;
            int first = (int)place;
            float t = place - first;
            weights[0] = (1 - t) * (1 - t) * (1 - t) / 6;
            weights[1] = ((3 * t * t * t) - (6 * t * t) + 4) / 6;
            weights[2] = ((-3 * t * t * t) + (3 * t * t) + (3 * t) + 1) / 6;
            weights[3] = t * t * t / 6;
            return first;
        }
    }
}
