using System.Numerics;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Structure measure (S-measure), <c>½·object + ½·region</c> and not below 0. The object term compares the prediction's mean and
/// spread on foreground and background; the region term compares the four quadrants around the truth's centroid by
/// structural similarity.
/// </summary>
/// <remarks>
/// <para>Source: Fan et al., "Structure-measure: a new way to evaluate foreground maps", ICCV 2017. An empty truth gives
/// 1 − mean(P), a full one mean(P). A quadrant without pixels has no weight, and one pixel has no spread.</para>
/// <para>In <see cref="MetricProfile.MadgNetOfficial"/> the published code's departures are reproduced: the prediction is
/// binarised; the object term indexes <em>rows</em> 0 and 1 of the map with the mask, where its pixels were meant (an integer
/// array in place of a boolean one), so that it looks at nothing but those rows; variances are taken with n but covariances
/// with n − 1; denominators have an ε of 1e-8; and nothing keeps the measure above 0. A perfect prediction of a truth away from the upper
/// edge scores about 1 − u/2, u being the share of
/// foreground.</para>
/// </remarks>
public static class StructureMeasure
{
    private const double Alpha = 0.5;
    private const double StandardEpsilon = 2.220446049250313e-16;
    private const double OfficialEpsilon = 1e-8;

    /// <summary>Computes the measure.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="profile">The conventions; the official ones binarise the prediction: 0.5 and more is foreground.</param>
    /// <returns>The measure, 0..1; the official one may fall below 0 and rise a little above 1.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    public static double Compute(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, MetricProfile profile = MetricProfile.Standard)
    {
        MapCheck.Pair(prediction, truth, height, width);
        using var pair = new MapPair(prediction, truth, height, width, profile, 0.5);
        return Compute(pair, profile);
    }

    internal static double Compute(in MapPair pair, MetricProfile profile)
    {
        bool official = profile == MetricProfile.MadgNetOfficial;
        if (pair.Foreground == 0)
        {
            return 1 - (pair.PredictionSum / pair.Count);
        }

        if (pair.Foreground == pair.Count)
        {
            return pair.PredictionSum / pair.Count;
        }

        return official
            ? (Alpha * RowIndexedObjects(pair)) + ((1 - Alpha) * Region(pair, official))
            : Math.Max(0, (Alpha * Objects(pair)) + ((1 - Alpha) * Region(pair, official)));
    }

    private static double Objects(in MapPair pair)
    {
        long background = pair.Count - pair.Foreground;
        double foregroundMean = pair.PredictionSumOnForeground / pair.Foreground;
        double backgroundMean = (pair.PredictionSum - pair.PredictionSumOnForeground) / background;
        (double onForeground, double onBackground) = SquaredDeviations(pair, foregroundMean, backgroundMean);
        double share = (double)pair.Foreground / pair.Count;
        return (share * Similarity(foregroundMean, Spread(onForeground, pair.Foreground), StandardEpsilon))
            + ((1 - share) * Similarity(1 - backgroundMean, Spread(onBackground, background), StandardEpsilon));

        static double Spread(double squares, long count) => count > 1 ? Math.Sqrt(squares / (count - 1)) : 0;
    }

    /// <summary>
    /// The published object term. Its temporary holds row 0 of the map once for each pixel outside of the mask and row 1 once
    /// for each pixel inside, so that its mean and spread are those of the two rows with these weights.
    /// </summary>
    private static double RowIndexedObjects(in MapPair pair)
    {
        double share = (double)pair.Foreground / pair.Count;
        (double zero, double one) = RowMeans(pair, foreground: true);
        double foreground = RowSimilarity(zero, one, share);
        (zero, one) = RowMeans(pair, foreground: false);
        double background = RowSimilarity(zero, one, 1 - share);
        return (share * foreground) + ((1 - share) * background);

        static double RowSimilarity(double zero, double one, double shareOfOne)
        {
            // The maps hold 0 and 1 only, so that their mean square is their mean.
            double mean = ((1 - shareOfOne) * zero) + (shareOfOne * one);
            return Similarity(mean, Math.Sqrt(Math.Max(0, mean - (mean * mean))), OfficialEpsilon);
        }
    }

    /// <summary>
    /// The means of rows 0 and 1 of P·G, or of (1 − P)·(1 − G). A map of one row has no row 1, where the published code fails;
    /// its row 0 stands in.
    /// </summary>
    private static (double Zero, double One) RowMeans(in MapPair pair, bool foreground)
    {
        Span<double> means = stackalloc double[2];
        for (int row = 0; row < 2; row++)
        {
            int start = Math.Min(row, pair.Height - 1) * pair.Width;
            double sum = 0;
            for (int i = start; i < start + pair.Width; i++)
            {
                sum += foreground ? pair.Prediction[i] * pair.Truth[i] : (1 - pair.Prediction[i]) * (1 - pair.Truth[i]);
            }

            means[row] = sum / pair.Width;
        }

        return (means[0], means[1]);
    }

    private static double Similarity(double mean, double spread, double epsilon) =>
        2 * mean / ((mean * mean) + 1 + spread + epsilon);

    private static (double OnForeground, double OnBackground) SquaredDeviations(
        in MapPair pair, double foregroundMean, double backgroundMean)
    {
        var foregroundSum = Vector<double>.Zero;
        var allSum = Vector<double>.Zero;
        var foregroundCentre = new Vector<double>(foregroundMean);
        var backgroundCentre = new Vector<double>(backgroundMean);
        int i = 0;
        for (; i <= pair.Count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(pair.Prediction[i..]), out Vector<double> lowPrediction, out Vector<double> highPrediction);
            Vector.Widen(new Vector<float>(pair.Truth[i..]), out Vector<double> lowTruth, out Vector<double> highTruth);
            Add(lowPrediction, lowTruth);
            Add(highPrediction, highTruth);
        }

        double onForeground = Vector.Sum(foregroundSum);
        double all = Vector.Sum(allSum);
        for (; i < pair.Count; i++)
        {
            double centre = pair.Truth[i] != 0 ? foregroundMean : backgroundMean;
            double square = (pair.Prediction[i] - centre) * (pair.Prediction[i] - centre);
            onForeground += square * pair.Truth[i];
            all += square;
        }

        return (onForeground, Math.Max(0, all - onForeground));

        void Add(Vector<double> prediction, Vector<double> truth)
        {
            Vector<double> centre = backgroundCentre + (truth * (foregroundCentre - backgroundCentre));
            Vector<double> square = (prediction - centre) * (prediction - centre);
            foregroundSum += square * truth;
            allSum += square;
        }
    }

    private static double Region(in MapPair pair, bool official)
    {
        (int row, int column) = Centroid(pair);
        double score = 0;
        score += Quadrant(pair, 0, row, 0, column, official);
        score += Quadrant(pair, 0, row, column, pair.Width, official);
        score += Quadrant(pair, row, pair.Height, 0, column, official);
        score += Quadrant(pair, row, pair.Height, column, pair.Width, official);
        return score;
    }

    private static (int Row, int Column) Centroid(in MapPair pair)
    {
        long rows = 0;
        long columns = 0;
        for (int row = 0; row < pair.Height; row++)
        {
            ReadOnlySpan<byte> pixels = MemoryMarshal.AsBytes(pair.Mask.Slice(row * pair.Width, pair.Width));
            int count = 0;
            int sum = 0;
            for (int column = 0; column < pixels.Length; column++)
            {
                int set = pixels[column] != 0 ? 1 : 0;
                count += set;
                sum += set * column;
            }

            rows += (long)count * row;
            columns += sum;
        }

        return (1 + (int)Math.Round((double)rows / pair.Foreground), 1 + (int)Math.Round((double)columns / pair.Foreground));
    }

    /// <summary>A quadrant's structural similarity times its share of the map.</summary>
    private static double Quadrant(in MapPair pair, int top, int bottom, int left, int right, bool official)
    {
        long count = (long)(bottom - top) * (right - left);
        if (count == 0)
        {
            return 0;
        }

        var sum = Vector<double>.Zero;
        var squares = Vector<double>.Zero;
        var products = Vector<double>.Zero;
        var foregrounds = Vector<double>.Zero;
        double tailSum = 0;
        double tailSquares = 0;
        double tailProducts = 0;
        double tailForeground = 0;
        float first = pair.Prediction[(top * pair.Width) + left];
        bool varies = false;
        for (int row = top; row < bottom; row++)
        {
            ReadOnlySpan<float> prediction = pair.Prediction.Slice((row * pair.Width) + left, right - left);
            ReadOnlySpan<float> truth = pair.Truth.Slice((row * pair.Width) + left, right - left);
            varies = varies || prediction.ContainsAnyExcept(first);
            int i = 0;
            for (; i <= prediction.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector.Widen(new Vector<float>(prediction[i..]), out Vector<double> lowPrediction, out Vector<double> highPrediction);
                Vector.Widen(new Vector<float>(truth[i..]), out Vector<double> lowTruth, out Vector<double> highTruth);
                sum += lowPrediction + highPrediction;
                squares += (lowPrediction * lowPrediction) + (highPrediction * highPrediction);
                products += (lowPrediction * lowTruth) + (highPrediction * highTruth);
                foregrounds += lowTruth + highTruth;
            }

            for (; i < prediction.Length; i++)
            {
                double p = prediction[i];
                double g = truth[i];
                tailSum += p;
                tailSquares += p * p;
                tailProducts += p * g;
                tailForeground += g;
            }
        }

        double predictionSum = Vector.Sum(sum) + tailSum;
        double foreground = Vector.Sum(foregrounds) + tailForeground;
        double x = predictionSum / count;
        double y = foreground / count;

        // Constant maps have no variance at all: what rounding would leave of it decides between 0 and 1 below.
        bool truthVaries = foreground > 0 && foreground < count;
        double covarianceDivisor = Math.Max(count - 1, 1);
        double varianceDivisor = official ? count : covarianceDivisor;
        double predictionVariance = varies ? Math.Max(0, (Vector.Sum(squares) + tailSquares - (predictionSum * x)) / varianceDivisor) : 0;
        double truthVariance = truthVaries ? foreground * (1 - y) / varianceDivisor : 0;
        double covariance = varies && truthVaries ? (Vector.Sum(products) + tailProducts - (predictionSum * y)) / covarianceDivisor : 0;

        double numerator = 4 * x * y * covariance;
        double denominator = ((x * x) + (y * y)) * (predictionVariance + truthVariance);
        double similarity = numerator != 0
            ? numerator / (denominator + (official ? OfficialEpsilon : StandardEpsilon))
            : denominator == 0 ? 1 : 0;
        return similarity * count / pair.Count;
    }
}
